"""The chart in the photo: ArUco markers, their corners, and the QR code."""
