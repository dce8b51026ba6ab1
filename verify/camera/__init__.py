"""The virtual camera: photos of charts with known truth. Shares no geometry or blur code with the reader."""
