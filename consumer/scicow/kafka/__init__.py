"""SciCow's use of Kafka: settings, topics, reading, writing, dead letters and receipts in topics."""
