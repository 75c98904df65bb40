"""Networks that make new examples: VAE, GAN and diffusion, each with its own training step."""
