"""Projects on disk: targets, first-party modules under one name, the state folder and what is in it."""
