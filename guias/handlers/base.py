"""What the handlers of Integra Contador have in common: client, limits, access, and where each refusal is mended."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Min, Q
from django.urls import reverse
from django.utils import timezone

from arquivo.services import guardar
from comum.banco import relogio
from comum.models import Adicional, Usuario
from credentials.models import Credencial, Servico
from credentials.services.acesso import PREFIXO
from empresas.models import Empresa
from guias.handlers.telas import TELAS, Tela, definitiva, proxima_acao
from guias.models import Consulta
from guias.providers.catalogo import Servico as ServicoSerpro
from guias.providers.cliente import IntegraContador
from guias.services.repeticao import repeticoes
from guias.sessao import abrir
from operacoes.clientes import VALE_S
from operacoes.ensaio import NoLivro, NoSandbox
from operacoes.handlers import Handler, Limite, ProximaAcao, Repeticao
from operacoes.models import Efeito, Operacao, Processamento, Situacao, Tentativa
from operacoes.motor import NovaOperacao

FOLGA_DO_RELOGIO = timedelta(minutes=2)  # the service's seconds against ours
_NENHUMA = uuid.UUID(int=0)
_GRAVACAO_S = 1.0  # from the instant that a save or a test writes down to its commit, at most


@dataclass(frozen=True)
class Sessao:
    """What a call needs: the client; when this Operacao was first sent in an earlier try, if it was, and the clock by
    which that was written."""

    cliente: IntegraContador
    primeiro_envio: datetime | None
    relogio: Callable[[], datetime] = timezone.now


@dataclass(frozen=True)
class Lido:
    """What a service told: `resposta` as it is kept in a Consulta, and the PDF that came with it, of this `tipo` of
    Documento and `nome`."""

    resposta: dict[str, Any]
    pdf: bytes = b""
    tipo: str = ""
    nome: str = ""


def _do_termo(nova: NovaOperacao) -> Sequence[Mapping[str, str]]:
    """The termo that is exchanged before a procurador asks; it names him and not the empresa."""
    partes = nova.pedido["partes"]
    if partes["autor"] == partes["contratante"]:
        return ()
    return ({"contribuinte": partes["autor"], "operacao": "ENVIOXMLASSINADO81"},)


class IntegraContadorHandler(Handler):
    servico = "integra_contador"
    nome_do_servico = "Integra Contador"
    adicional: ClassVar[int | None] = Adicional.INTEGRA_CONTADOR
    servico_do_vinculo: ClassVar[Servico] = Servico.PGDASD
    # Where a refusal is looked at when its code names no other place; None: the page of its group of services.
    tela: ClassVar["Tela | None"] = None
    # The system of its own codes, and how and where what it refuses is mended, unless the code names another way.
    conserto: ClassVar["tuple[str, str, Tela] | None"] = None
    no_sandbox = NoSandbox(
        # Of a list of documents, as much as the sandbox writes down of it.
        lambda pedido: {"contribuinte": pedido["partes"]["contribuinte"][:14]},
        entradas=frozenset({"authenticate", "ENVIOXMLASSINADO81"}),
        perto=_do_termo,
    )

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        por_segundo = settings.INTEGRA_CONTADOR_POR_SEGUNDO
        return (Limite(f"serpro:{acesso}", por_segundo, timedelta(seconds=1), rajada=max(1, por_segundo // 10)),)

    def rotulo_acesso(self, acesso: str) -> str:
        codigo = acesso.removeprefix(PREFIXO)
        credencial = Credencial.objects.filter(codigo=codigo).first() if codigo.isdecimal() else None
        return f"Credencial {credencial}" if credencial else acesso

    @property
    def onde(self) -> "Tela":
        return self.tela or TELAS[self.servico_do_vinculo]

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        if (acao := proxima_acao(grupo)) is not None:
            return acao
        sistema, texto, tela = self.conserto or ("", "", self.onde)
        if texto and sistema in grupo.upper():
            return tela.acao(texto)
        return self.onde.acao("Veja as palavras do serviço, corrija e peça de novo.")

    def repetivel(self, grupo: str) -> bool:
        return definitiva(grupo) is None

    def depois(self, run: Processamento) -> ProximaAcao | None:
        return ProximaAcao("", "Voltar à apuração", reverse("guias:apuracao"))

    def url_do_acesso(self, acesso: str) -> str:
        codigo = acesso.removeprefix(PREFIXO)
        return reverse("credenciais:ver", args=[codigo]) if acesso.startswith(PREFIXO) and codigo.isdecimal() else ""

    def acesso_mudou(self, acesso: str, desde: datetime) -> bool:
        """A client opened just before the change is still used for a moment (guias.sessao). The row is read as it is
        once locked: filtered by the change, one being saved would not be found, and not be waited for."""
        codigo, antes = acesso.removeprefix(PREFIXO), desde - timedelta(seconds=VALE_S + _GRAVACAO_S)
        if not codigo.isdecimal():
            return False
        travada = Credencial.objects.select_for_update(no_key=True).filter(codigo=codigo)
        colunas = travada.values_list("alterada_em", "testada_em", "teste_ok").first()
        if colunas is None:
            return False
        alterada_em, testada_em, teste_ok = colunas
        return alterada_em > antes or (teste_ok and testada_em is not None and testada_em > antes)

    def poderes(self) -> frozenset[str] | None:
        """The alternative powers that open the service, where they are not those of its whole group."""
        return None

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        return repeticoes(operacoes, self.servico_do_vinculo, self.poderes())

    def preparar(self, operacao: Operacao) -> Sessao:
        primeiro, do_banco = None, timezone.now
        enviada = operacao.situacao in (Situacao.INCERTA, Situacao.ACEITA)
        repetida = operacao.envios > 1 or enviada or operacao.anterior_id
        if operacao.efeito == Efeito.UNICO and repetida:
            primeiro = _primeiro_envio(operacao)
            do_banco = relogio()
        return Sessao(abrir(operacao), primeiro, do_banco)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return None  # a reading; those with an effect say where it shows


class EmVias(Handler):
    """Draws a guia that has to be paid: the first copy is what the month asks for, another one (`pedido["via"]` from 2
    on) a convenience, which stops first at the cap of cost."""

    def e_opcional(self, pedido: Mapping[str, Any]) -> bool:
        return int(pedido.get("via", 1)) > 1


def empresa_de(operacao: Operacao) -> Empresa:
    """Whose it is, as a foreign key: not read from the database."""
    return Empresa(pk=operacao.empresa_id)


class Leitura(IntegraContadorHandler):
    """A service that only tells: the answer is kept as a Consulta. `enviar` returns a Lido, or `aplicar` makes one. In
    `pedido["chave"]` is what was asked in short, in `pedido["parametros"]` in full."""

    efeito = Efeito.DOCUMENTO
    prova = ""
    onde_conferir = "Uma consulta não muda nada na Receita: não há o que procurar lá. Basta consultar de novo."
    no_catalogo: ClassVar[ServicoSerpro]

    def poderes(self) -> frozenset[str] | None:
        return self.no_catalogo.poderes

    def do_catalogo(self, pedido: Mapping[str, Any]) -> ServicoSerpro:
        """The service that one pedido asks, where a handler serves several alike."""
        return self.no_catalogo

    def aplicar(self, operacao: Operacao, resposta: Any) -> dict[str, Any]:
        return self.guardar(operacao, resposta)

    def guardar(self, operacao: Operacao, resposta: Lido) -> dict[str, Any]:
        """Keep what was told as a Consulta."""
        pedido, empresa, documento = operacao.pedido, empresa_de(operacao), None
        agora = timezone.now()
        if resposta.pdf:
            documento = guardar(
                resposta.pdf,
                empresa=empresa,
                tipo=resposta.tipo,
                nome=resposta.nome,
                competencia=operacao.competencia or timezone.localdate(agora),
            )
        Consulta.objects.create(
            empresa=empresa,
            servico=str(self.do_catalogo(pedido)),
            chave=pedido.get("chave", ""),
            parametros=pedido.get("parametros", {}),
            resposta=resposta.resposta,
            documento=documento,
            operacao=operacao,
            consultada_em=agora,
        )
        return {"documentos": [str(documento.pk)] if documento else []}


@dataclass(frozen=True)
class SessaoEmEspera(Sessao):
    """Of a service that decides later: with what it said when it took the request (Aceita.resumo)."""

    guardado: Mapping[str, Any] = field(default_factory=dict)


class EmEspera(IntegraContadorHandler):
    """A service that takes the request and is asked again after a while."""

    def preparar(self, operacao: Operacao) -> SessaoEmEspera:
        sessao = super().preparar(operacao)
        return SessaoEmEspera(sessao.cliente, sessao.primeiro_envio, sessao.relogio, operacao.resposta or {})


def desde_o_primeiro_envio(sessao: Sessao, agora_no_servico: datetime | None) -> datetime:
    """Since when an effect found at the service may be ours, by its own clock."""
    agora = sessao.relogio()
    atraso = agora - agora_no_servico if agora_no_servico is not None else timedelta(0)
    return (sessao.primeiro_envio or agora) - atraso - FOLGA_DO_RELOGIO


def _primeiro_envio(operacao: Operacao) -> datetime | None:
    """When this intent may first have reached the service: by an earlier try, or by one of the revisions before that
    nobody knows the end of."""
    envios = Tentativa.objects.filter(especie=Tentativa.Especie.ENVIO)
    daqui = Q(operacao=operacao) & ~Q(pk=operacao.tentativa_atual or _NENHUMA)
    anteriores, anterior = [], operacao.anterior_id
    while anterior:
        anteriores.append(anterior)
        anterior = Operacao.objects.values_list("anterior_id", flat=True).get(pk=anterior)
    sem_fim = (Tentativa.Desfecho.INCERTA, Tentativa.Desfecho.ABANDONADA)
    de_antes = Q(operacao__in=anteriores, desfecho__in=sem_fim)
    primeiro: datetime | None = envios.filter(daqui | de_antes).aggregate(quando=Min("iniciada_em"))["quando"]
    return primeiro
