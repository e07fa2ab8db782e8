"""The durable queue of messages on the host."""
