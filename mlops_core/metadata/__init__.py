"""What is known about runs, results and where their bytes lie: one SQLite file."""
