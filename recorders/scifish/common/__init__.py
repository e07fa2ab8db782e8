"""Basics without Tango or Kafka: clock, YAML, time limits, threads, errors of commands."""
