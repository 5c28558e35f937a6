"""Carry out a plan: run steps in this process or in workers, record what they did, explain it afterwards."""
