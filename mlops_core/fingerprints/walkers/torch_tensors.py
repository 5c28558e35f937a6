"""torch tensors: values on the host, with dtype, device and whether they carry gradients."""

from typing import Any

from mlops_core.fingerprints.embedded import ClassIdentity
from mlops_core.fingerprints.objects import loaded

Tagged = tuple[str, tuple[object, ...]]


def walk(value: object) -> Tagged | None:
    """Description of a dense tensor; None for anything else, whose state is walked."""
    torch: Any = loaded("torch")
    if isinstance(value, torch.dtype | torch.device):
        return ("torch name", (str(value),))
    if not isinstance(value, torch.Tensor) or value.layout != torch.strided or value.is_quantized:
        return None
    host = value.detach().cpu().contiguous()
    raw = host.reshape(-1).view(torch.uint8).numpy() if host.numel() else None
    about = (str(value.dtype), str(value.device), bool(value.requires_grad), tuple(value.shape))
    return ("tensor", (ClassIdentity(type(value)), *about, raw))
