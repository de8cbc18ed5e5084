"""行权运行的领域：特殊情形判定、专项说明的生命周期、列映射。Pure: no database, no engine."""
