"""Small pretrained models that ship with the Studio: recipe, weights and card, one folder each."""
