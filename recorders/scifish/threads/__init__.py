"""Threads: a call with a time limit, work that comes back, a queue of tasks."""
