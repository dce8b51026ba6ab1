"""From pixels to geometry: fiducials, and the pose of camera and sheet."""
