"""监督评估的读取。Every function that reads scores takes the caller's scope."""
