"""The accounts of the ERP: saving. Secrets come in, are sealed, and never go out again."""

from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from comum import auditoria, segredos
from comum.models import Usuario
from operacoes import motor
from pagar.models import ContaErp
from pagar.services import acesso

ROTULOS = {
    "nome": "nome",
    "base": "endereço do servidor",
    "contexto": "contexto",
    "usuario": "usuário do ERP",
    "senha": "senha",
    "token": "token",
    "ativa": "ativa",
    "empresa": "empresa no ERP",
    "estabelecimento": "estabelecimento padrão",
    "matriz": "matriz de tradução",
    "moeda": "moeda",
    "portador": "portador dos títulos",
    "portador_do_bordero": "portador do borderô",
    "especie_antecipacao": "espécie de antecipação",
    "formas": "formas de pagamento",
    "reter_em": "impostos retidos",
    "titulos_por_lote": "títulos por lote",
    "por_segundo": "chamadas por segundo",
    "caminhos": "caminhos próprios",
    "tamanhos": "tamanhos próprios",
    "numeros": "números das opções",
    "codigos": "códigos de mensagem",
    "omitir_vazios": "deixar de fora o que está em branco",
    "permitir_1099": "formulário 1099",
    "idioma": "idioma das mensagens",
    "por_pagina": "impostos por página",
    "paginas_maximas": "páginas de impostos",
}
SEGREDOS = ("senha", "token")
_CAMPOS = tuple(campo for campo in ROTULOS if campo not in SEGREDOS)


@dataclass(frozen=True, repr=False)
class Segredos:
    """What the form brings of the write-only fields: empty keeps what is stored, `tirar` names what goes."""

    senha: str = ""
    token: str = ""
    tirar: tuple[str, ...] = ()


class ContaErro(Exception):
    """Not possible; the text is pt-BR for the screen. `campo` is the form field it belongs to, or empty."""

    def __init__(self, mensagem: str, campo: str = "") -> None:
        super().__init__(mensagem)
        self.campo = campo


class ContaMudou(ContaErro):
    """Somebody saved the account after it was opened; the text (pt-BR) names who, when and what."""


def proximo_codigo() -> int:
    """Of the sequence, so that two people at once never get the same; an unused one leaves a gap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('pagar_conta_codigo')")
        return int(cursor.fetchone()[0])


@transaction.atomic
def salvar(*, usuario: Usuario, conta: ContaErp, secretos: Segredos, versao: str = "") -> ContaErp:
    """Create, or alter the version that was read (acesso.versao_de). Lifts the pause of its access, if there is one.
    Raises ContaErro."""
    antes = _guardada(conta, versao)
    mudados = [campo for campo in _CAMPOS if antes is None or getattr(antes, campo) != getattr(conta, campo)]
    mudados += _selar(conta, antes, secretos)
    if not mudados:
        return conta
    conta.alterada_em = Now()
    try:
        with transaction.atomic():
            if antes is None:
                conta.codigo = proximo_codigo()
                conta.save(force_insert=True)
            else:
                conta.save(update_fields=[*mudados, "alterada_em"])
    except IntegrityError as erro:
        raise ContaErro(f"Já há uma conta com o nome {conta.nome}. Dê outro nome.", "nome") from erro
    conta.refresh_from_db(fields=["alterada_em"])
    auditoria.registrar(
        usuario=usuario,
        acao="erp.incluir" if antes is None else "erp.alterar",
        objeto=conta,
        resumo=f"Conta do ERP {conta.codigo}, {conta.nome}: {', '.join(ROTULOS[campo] for campo in mudados)}",
        dados={"campos": mudados},
    )
    transaction.on_commit(acesso.esquecer)
    if antes is not None and conta.ativa:
        motor.retomar(conta.acesso, usuario)
    return conta


def _guardada(conta: ContaErp, versao: str) -> ContaErp | None:
    """The row as it is now, held until the commit; None for a new one."""
    if conta._state.adding:
        return None
    atual = ContaErp.objects.select_for_update(no_key=True).get(pk=conta.pk)
    if versao and acesso.versao_de(atual) != versao:
        raise ContaMudou(
            f"{quem_mudou(atual)}, depois que você a abriu. O que você digitou continua aqui: confira e grave de novo "
            "para valer o seu."
        )
    return atual


def _selar(conta: ContaErp, antes: ContaErp | None, secretos: Segredos) -> list[str]:
    mudados = []
    for campo in SEGREDOS:
        guardado = bytes(getattr(antes, campo)) if antes else b""
        setattr(conta, campo, guardado)
        if novo := getattr(secretos, campo):
            segredos.selar(conta, campo, novo)
        elif campo in secretos.tirar and guardado:
            setattr(conta, campo, b"")
        else:
            continue
        mudados.append(campo)
    return mudados


def quem_mudou(conta: ContaErp) -> str:
    """The last change of the account, in words."""
    return auditoria.quem_mudou(
        conta, acao="erp.alterar", nome="esta conta do ERP", quando=conta.alterada_em, rotulos=ROTULOS
    )


def alterada_depois_do_teste(conta: ContaErp) -> bool:
    return conta.testada_em is not None and conta.alterada_em > conta.testada_em
