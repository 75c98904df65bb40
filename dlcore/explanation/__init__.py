"""Why a classifier of images answers as it does: maps of what counted, feature maps, neighbours."""
