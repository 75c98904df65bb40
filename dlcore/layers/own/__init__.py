"""Keras layers that Keras does not have. Each module needs Keras alone, so exported code has it as it is."""
