"""What the pages of a canal and of a software-house account share."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from comum.permissoes import usuario_de
from nfse.models import CanalNfse, Nota, TipoCanal
from nfse.providers.interface import NotaNoServico
from nfse.services import acesso, canais
from operacoes import avulsas
from operacoes.errors import ProviderError
from operacoes.handlers import Limite, handler_de
from operacoes.http import Chamadas
from operacoes.models import ABERTAS, Operacao, OperacaoQuerySet, Pausa

ULTIMOS = 5  # pedidos shown on a tab


def canal_visivel(request: HttpRequest, codigo: int, tipo: TipoCanal | None = None) -> CanalNfse:
    """The canal of this code, of this service, if it exists for the user; 404 otherwise."""
    consulta = CanalNfse.objects.visiveis(usuario_de(request)).select_related(
        "empresa__municipio", "empresa__carteira", "certificado", "conta", "testado_por"
    )
    filtro: dict[str, Any] = {"codigo": codigo} | ({"tipo": tipo} if tipo else {})
    return get_object_or_404(consulta, **filtro)


def contexto_do_canal(canal: CanalNfse, aba: str) -> dict[str, Any]:
    """What the head of every page of a canal shows."""
    return {
        "canal": canal,
        "aba": aba,
        "impedimento": acesso.impedimento_de(canal),
        "certificado": canais.situacao_do_certificado(canal),
        "alterado_depois": canais.alterado_depois_do_teste(canal),
        "pausa": Pausa.objects.filter(acesso=canal.acesso).first(),
    }


def enviado(request: HttpRequest) -> tuple[Any, Any]:
    """The data and files of a form that was sent, even empty; nothing for a page that is only opened."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def ler[R](
    request: HttpRequest,
    chamar: Callable[[Chamadas], R],
    limites: Sequence[Limite],
    prazo: float = avulsas.PRAZO,
) -> R | None:
    """What the service answers now; None, with a message on the page, when it does not."""
    try:
        return avulsas.ler(chamar, limites, prazo=prazo)
    except ProviderError as erro:
        palavras = f" Palavras do serviço: “{erro.texto[:300]}”" if erro.texto and erro.status else ""
        messages.error(request, f"{erro.mensagem}{palavras}")
        return None


def pedidos(operacoes: QuerySet[Operacao]) -> dict[str, Any]:
    """The last pedidos of a tab, in words, and whether one of them is in course."""
    ultimos = list(operacoes.select_related("usuario").order_by("-pk")[:ULTIMOS])
    return {
        "pedidos": [(operacao, handler_de(operacao.tipo).rotulo) for operacao in ultimos],
        "em_curso": any(operacao.situacao in ABERTAS for operacao in ultimos),
    }


def do_acesso(canal: CanalNfse, tipo: str) -> OperacaoQuerySet:
    """The operações of one kind on this canal."""
    return Operacao.objects.filter(tipo=tipo, acesso=canal.acesso)


def do_canal(canal: CanalNfse, *tipos: str) -> QuerySet[Operacao]:
    return Operacao.objects.filter(empresa=canal.empresa_id, tipo__in=tipos, pedido__canal=str(canal.pk))


def com_as_nossas(canal: CanalNfse, lidas: Sequence[NotaNoServico]) -> list[tuple[NotaNoServico, Nota | None]]:
    """Each note of the service with ours of the same chave, else of the same number, if there is one: the RPS' where
    we number the notes, the NFS-e's where the town hall does."""
    nossas = Nota.objects.filter(canal=canal).only("id", "chave", "numero_nfse", "situacao", "serie", "numero")
    por_chave = {nota.chave: nota for nota in nossas.filter(chave__in=[lida.chave for lida in lidas if lida.chave])}
    por_numero: dict[Any, Nota]
    if canal.numera:
        rps = [lida.rps for lida in lidas if lida.rps]
        por_numero = {(nota.serie, nota.numero): nota for nota in nossas.filter(numero__in=rps)}
    else:
        numeros = [lida.numero for lida in lidas if lida.numero]
        por_numero = {nota.numero_nfse: nota for nota in nossas.filter(numero_nfse__in=numeros)}
    return [
        (lida, por_chave.get(lida.chave) or por_numero.get((lida.serie, lida.rps) if canal.numera else lida.numero))
        for lida in lidas
    ]


_DO_ENVELOPE = frozenset({"sucesso", "codigo", "mensagem", "lido_em"})


_ROTULOS = {  # the service's names that read badly without their accents
    "ambiente": "Ambiente",
    "campos_obrigatorios": "Campos obrigatórios",
    "cmun": "Código do município (IBGE)",
    "cnpj": "CNPJ",
    "codigo_municipio": "Código do município (IBGE)",
    "cpf": "CPF",
    "homologacao": "Homologação",
    "ibge": "Código IBGE",
    "municipio": "Município",
    "observacao": "Observação",
    "padrao": "Padrão",
    "producao": "Produção",
    "razao_social": "Razão social",
    "uf": "UF",
    "versao": "Versão",
}


def em_palavras(lido: Mapping[str, Any], rotulos: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """What a service tells, under our labels where there are some and else under its own names; nothing for what it
    leaves blank."""
    nomes = _ROTULOS | dict(rotulos or {})
    ditos = (
        (nomes.get(nome) or nome.replace("_", " ").capitalize(), _dizer(valor))
        for nome, valor in lido.items()
        if nome not in _DO_ENVELOPE
    )
    return [(nome, dito) for nome, dito in ditos if dito]


def _dizer(valor: Any) -> str:
    if isinstance(valor, bool):
        return "sim" if valor else "não"
    if isinstance(valor, Mapping):
        return ", ".join(nome if dito is True else f"{nome}: {_dizer(dito)}" for nome, dito in valor.items() if dito)
    if isinstance(valor, list | tuple):
        return ", ".join(_dizer(item) for item in valor) or "nenhum"
    return "" if valor is None else str(valor)
