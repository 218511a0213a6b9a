"""The `codigo` of the envelope. Those up to 5023 that a note can have, and 7000 on, are the service's published ones;
the service tells no code for the other refusals, and the ones here are the sandbox's own choice."""

AUTORIZADA, CANCELADA, FEITO = 100, 101, 200
FALTA, INVALIDO, EXISTE, PROCESSANDO = 5001, 5002, 5008, 5023
TEMPO_ESGOTADO, SEM_CONEXAO = 7001, 7002

# Ours: of the edge (also its HTTP status), then of the account and of the town hall.
ILEGIVEL, NAO_AUTORIZADO, PROIBIDO, NAO_ENCONTRADO = 400, 401, 403, 404
METODO, GRANDE, TIPO_DE_CORPO, LIMITE = 405, 413, 415, 429
SEM_CERTIFICADO, NAO_HABILITADO = 5100, 5101
RECUSADA, NAO_OFERECIDO, SITUACAO = 5200, 5300, 5400

SUCESSOS = frozenset({AUTORIZADA, CANCELADA, FEITO, PROCESSANDO})
_DA_PORTA = frozenset({ILEGIVEL, NAO_AUTORIZADO, PROIBIDO, METODO, GRANDE, TIPO_DE_CORPO, LIMITE})
_POR_CODIGO = {EXISTE: 409, SITUACAO: 409, NAO_ENCONTRADO: 404}


def status_http(codigo: int, *, por_codigo: bool) -> int:
    """The HTTP status of an answer: real for what the edge refuses, else 200 or, in that profile, by the code."""
    if codigo in _DA_PORTA:
        return codigo
    if codigo in SUCESSOS or not por_codigo:
        return 200
    return 504 if codigo >= 7000 else _POR_CODIGO.get(codigo, 422)
