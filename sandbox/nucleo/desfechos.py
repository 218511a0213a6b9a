"""The ways in which a scenario ends a call."""

# action -> whether the effect happens, and what the client sees
ACOES: dict[str, tuple[bool, str]] = {
    "lento": (True, "resposta"),
    "recusar": (False, "recusa"),
    "perder_resposta": (True, "corte"),
    "cortar": (False, "corte"),
    "erro": (False, "erro"),
    "token_expirado": (False, "token_expirado"),
    "limite": (False, "limite"),
    "html": (False, "html"),
    "truncar": (True, "truncada"),
    "gotejar": (True, "gotejada"),
    "efeito_tardio": (False, "corte"),
    "tempo_esgotado": (True, "tempo_esgotado"),
    "forma": (True, "resposta"),  # the service gives its answer another shape
}
