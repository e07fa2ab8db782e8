"""Real services for tests and trials, from pip alone: an Apache Kafka broker and a MongoDB-wire server."""

from scizoo.services.kafka import Kafka, kafka
from scizoo.services.mongo import Mongo, mongo

__all__ = ["Kafka", "Mongo", "kafka", "mongo"]
