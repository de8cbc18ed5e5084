"""动态调整的领域：事由、类型与同步变更表（packs）、期限与灯色（clock）、生命周期（lifecycles）。Pure."""
