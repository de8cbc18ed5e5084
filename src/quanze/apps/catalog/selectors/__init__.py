"""权责清单的读取。Every function that reads what is not public takes the caller's scope."""
