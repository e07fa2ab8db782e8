"""What crosses Kafka: the message, its parts and its rules."""
