"""Settings: the mode a call happens in, the project file, parameters, environment variables."""
