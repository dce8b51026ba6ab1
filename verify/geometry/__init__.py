"""Where camera and sheet are: the pose, from marker corners and then from all printed edges."""
