"""*Testar*: whether an account of the ERP opens, in words that a person can act on."""

import time

from django.db import transaction
from django.db.models.functions import Now

from comum import auditoria
from comum.models import Usuario
from operacoes import avulsas, motor
from operacoes.conexao import Teste
from operacoes.errors import AccessDenied, ProviderError, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas
from pagar.models import ContaErp
from pagar.services import acesso
from pagar.services.contas import ContaErro, ContaMudou, quem_mudou

_TITULO = 1  # the listing of taxes of any title answers an empty list
_SEM_LISTAGEM = ("HTTP-404", "HTTP-405")


def testar(*, conta: ContaErp, usuario: Usuario) -> Teste:
    """Open the ERP with what is stored. No transaction is open meanwhile. A test that passes lifts the pause of the
    account's access.

    Raises ContaMudou when somebody saved the account during the test: the outcome is then of what is no longer there.
    """
    teste = _abrir(conta)
    _gravar(usuario, conta, teste)
    return teste


@transaction.atomic
def _gravar(usuario: Usuario, conta: ContaErp, teste: Teste) -> None:
    testada = ContaErp.objects.filter(pk=conta.pk, alterada_em=conta.alterada_em).update(
        testada_em=Now(), teste_ok=teste.ok, teste_resultado=teste.mensagem[:600]
    )
    if not testada:
        atual = ContaErp.objects.filter(pk=conta.pk).first()
        if atual is None:
            raise ContaErro(f"A conta do ERP {conta.codigo} foi excluída durante o teste.")
        raise ContaMudou(f"{quem_mudou(atual)}, durante o teste. O resultado não vale mais: teste de novo.")
    auditoria.registrar(
        usuario=usuario,
        acao="erp.testar",
        objeto=conta,
        resumo=f"Teste da conta do ERP {conta.codigo}: {'conectou' if teste.ok else teste.mensagem}",
        dados={"ok": teste.ok},
    )
    if teste.ok:
        motor.retomar(conta.acesso, usuario)


def _abrir(conta: ContaErp) -> Teste:
    inicio = time.monotonic()

    def listar(chamadas: Chamadas) -> None:
        acesso.abrir(conta).cliente.impostos(_TITULO, chamadas=chamadas)

    try:
        avulsas.ler(listar, acesso.limites(conta.acesso))
    except AccessDenied as erro:
        return Teste.falhou(erro, "do Datasul")
    except ProviderUnavailable as erro:
        return Teste.falhou(erro, "do Datasul", " A conta pode estar certa: tente de novo em alguns minutos.")
    except ProviderRefused as erro:
        if erro.codigo in _SEM_LISTAGEM:
            return Teste.falhou(
                erro,
                "do Datasul",
                " O servidor respondeu, mas sem essa listagem o teste não prova nada sobre usuário e senha: confira o "
                "contexto; se a base não a tem, só o primeiro envio dirá.",
            )
        return Teste.falhou(erro, "do Datasul")
    except ProviderError as erro:
        return Teste.falhou(erro, "do Datasul")
    segundos = f"{time.monotonic() - inicio:.1f} s".replace(".", ",")
    quem = "o token" if conta.token else f"o usuário {conta.usuario}"
    return Teste(True, f"Conectou: o Datasul aceitou {quem}. Resposta em {segundos}.")
