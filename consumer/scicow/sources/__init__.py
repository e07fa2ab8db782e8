"""Where messages come from: Kafka or an outbox."""
