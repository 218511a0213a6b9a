"""The first state: registers, the integration user, and the rules of the test suppliers."""

from sandbox.nucleo.models import Cenario
from sandbox.totvs import acesso, registros
from sandbox.totvs.fornecedores_teste import FORNECEDORES_DE_TESTE
from sandbox.totvs.models import Registros, Usuario
from sandbox.totvs.opcoes import SERVICO


def semear() -> None:
    """Leaves an existing state as it is. Inside `gravacao`."""
    if not Registros.objects.exists():
        registros.gravar({})
    Usuario.objects.get_or_create(
        nome=acesso.DEMONSTRACAO,
        defaults={"senha": acesso.senha_de_demonstracao(), "token": acesso.novo_token(acesso.DEMONSTRACAO)},
    )
    if Cenario.objects.filter(origem="documento", servico=SERVICO).exists():
        return
    Cenario.objects.bulk_create(
        Cenario(
            origem="documento",
            servico=SERVICO,
            documento=f"*/{teste.codigo}/*",
            descricao=teste.titulo,
            **teste.regra,
        )
        for teste in FORNECEDORES_DE_TESTE
    )
