"""Text networks in Keras that load Hugging Face checkpoints."""
