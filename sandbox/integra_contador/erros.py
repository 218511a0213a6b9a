"""Refusals: the manager's numbered messages and those of a service.

SERPRO, API Integra Contador, "Mensagens do Gerenciador", 8 September 2026.
"""

_ACESSO, _ENTRADA, _ERRO = ("AcessoNegado", 403), ("EntradaIncorreta", 400), ("Erro", 500)

# number -> ((tipo, HTTP), text)
_GERENCIADOR: dict[int, tuple[tuple[str, int], str]] = {
    6: (_ENTRADA, "CNPJ do autor do pedido de dados inválido."),
    7: (_ENTRADA, "CPF do autor do pedido de dados inválido."),
    8: (_ENTRADA, "CNPJ do contribuinte inválido."),
    9: (_ENTRADA, "CPF do contribuinte inválido."),
    10: (_ENTRADA, "CNPJ do contratante inválido."),
    11: (_ENTRADA, "CPF do contratante inválido."),
    12: (_ENTRADA, "O tipo informado em {campo} é inválido."),
    13: (_ACESSO, "A assinatura do jwt_token é inválida."),
    16: (_ACESSO, "O contratante informado difere do titular do certificado usado para obter o jwt_token."),
    17: (_ENTRADA, "O serviço {servico} não pertence à funcionalidade {rota}."),
    18: (_ACESSO, "O contratante informado difere do titular do contrato."),
    19: (_ACESSO, "Autor do pedido de dados diferente do contratante: informe o autenticar_procurador_token."),
    20: (_ACESSO, "Token do procurador não encontrado ou expirado. Envie novamente o termo de autorização."),
    22: (_ACESSO, "O autor do pedido de dados não possui procuração do contribuinte para o serviço {servico}."),
    28: (_ERRO, "O serviço {servico} existe, mas ainda não é simulado por este sandbox."),
    37: (_ACESSO, "O jwt_token expirou ou não corresponde ao token de acesso."),
    40: (_ENTRADA, "A versão {versao} do serviço {servico} é inválida."),
    41: (_ACESSO, "Cabeçalho jwt_token ausente ou inválido."),
    42: (_ACESSO, "O autenticar_procurador_token deve ter 36 caracteres."),
    43: (_ENTRADA, "O sistema {sistema} não aceita o tipo de contribuinte informado."),
    44: (_ENTRADA, "O serviço {servico} não está liberado em produção."),
    46: (_ENTRADA, "A lista de contribuintes contém caracteres inválidos."),
    47: (_ENTRADA, "A lista de contribuintes contém números repetidos."),
    48: (_ENTRADA, "A lista de contribuintes contém CNPJ inválido."),
    49: (_ENTRADA, "A lista de contribuintes contém CPF inválido."),
    50: (_ENTRADA, "A lista de contribuintes está vazia."),
    51: (_ENTRADA, "O serviço {servico} não aceita o tipo de contribuinte informado."),
    53: (_ACESSO, "O contratante difere do destinatário do termo de autorização."),
    54: (_ACESSO, "O autor do pedido de dados difere de quem assinou o termo de autorização."),
    52: (_ENTRADA, "O serviço {servico} do sistema {sistema} não consta do catálogo."),
    55: (_ENTRADA, "O serviço {servico} foi descontinuado."),
}


class Recusa(Exception):
    """An answer other than success: HTTP status, bracketed code and text (pt-BR)."""

    def __init__(self, http: int, codigo: str, texto: str) -> None:
        super().__init__(codigo)
        self.http, self.codigo, self.texto = http, codigo, texto


def gerenciador(numero: int, nomes: dict[str, str] | None = None, *, http: int | None = None) -> Recusa:
    """One of the manager's messages; `nomes` fill its text, `http` replaces its status."""
    (tipo, status), texto = _GERENCIADOR[numero]
    return Recusa(http or status, f"[{tipo}-ICGERENCIADOR-{numero:03d}]", texto.format(**(nomes or {})))


def envelope_invalido(texto: str) -> Recusa:
    """The published list has no number for a body that is not the envelope; the sandbox answers without one."""
    return Recusa(400, "[EntradaIncorreta-ICGERENCIADOR]", texto)


def pgdasd(numero: int, texto: str, *, tipo: str = "EntradaIncorreta", http: int = 400) -> Recusa:
    return Recusa(http, f"[{tipo}-PGDASD-MSG_ISN_{numero:03d}]", texto)
