"""The QR code of a text as a pattern of cells."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backfocus.targets.qrtext import QR_VERSION


def qr_cells(text: str) -> npt.NDArray[np.bool_]:
    """Return the modules of a QR code (version 2, level M) as booleans, row 0 at the top, True where there is ink.

    Args:
        text: at most 38 characters of the QR alphanumeric set.
    """
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.util import MODE_ALPHA_NUM, QRData

    code = qrcode.QRCode(version=QR_VERSION, error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(QRData(text, mode=MODE_ALPHA_NUM), optimize=0)
    code.make(fit=False)
    return np.array(code.get_matrix(), dtype=np.bool_)
