"""The report of situação fiscal: one Operacao from the protocol to the PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import guardar
from credentials.models import Servico
from guias.ensaio import receita as ensaio
from guias.handlers.base import EmEspera, SessaoEmEspera, empresa_de
from guias.models import Consulta
from guias.providers import sitfis
from guias.services.acoes import Acao
from guias.services.pedidos import Pedido, partes_de
from operacoes.ensaio import NoLivro, Palco, PelaTela
from operacoes.handlers import Aceita, PrecisaDePessoa, ProximaAcao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao

# Later than told by this much: the service's clock counts from its answer, ours from its arrival.
_FOLGA = timedelta(seconds=1)
_MAXIMO_DE_OLHADAS = 60


@dataclass(frozen=True)
class RelatorioFiscal:
    pdf: bytes
    protocolo: str


@registrar
class RelatorioSitfis(EmEspera):
    """Ask for the protocol (free), wait as told, ask for the report. Sooner than told it costs and does not come."""

    tipo, rotulo = "guias.sitfis.relatorio", "Relatório de situação fiscal"
    efeito, classe = Efeito.DOCUMENTO, Classe.EMISSAO
    servico_do_vinculo = Servico.SITUACAO_FISCAL
    opcional = True
    efeito_no_livro = "relatorio_sitfis"
    prova = ""
    onde_conferir = (
        "No e-CAC, Certidões e Situação Fiscal › Consulta Pendências: baixe o relatório e anexe-o aqui, ou peça outro. "
        "Um relatório a mais não muda nada na Receita, só custa outra chamada."
    )
    numero_da_prova = ""
    arquivo_da_prova = "Relatório de situação fiscal (PDF)"

    def poderes(self) -> frozenset[str]:
        return sitfis.RELATORIOSITFIS92.poderes

    def enviar(self, pedido: Pedido, sessao: SessaoEmEspera, chamadas: Chamadas) -> Aceita:
        return _pedir_protocolo(pedido, sessao, chamadas, olhadas=0)

    def acompanhar(
        self, pedido: Pedido, sessao: SessaoEmEspera, chamadas: Chamadas
    ) -> Aceita | PrecisaDePessoa | RelatorioFiscal:
        guardado = sessao.guardado
        olhadas = int(guardado.get("olhadas", 0)) + 1
        if olhadas > _MAXIMO_DE_OLHADAS:
            return PrecisaDePessoa("A Receita não conclui o relatório desta empresa.")
        if date.fromisoformat(guardado["dia"]) != timezone.localdate():  # a protocol is good on its day
            return _pedir_protocolo(pedido, sessao, chamadas, olhadas=olhadas)
        protocolo = str(guardado["protocolo"])
        lido = sitfis.relatorio(sessao.cliente, partes_de(pedido), protocolo, chamadas=chamadas)
        if isinstance(lido, bytes):
            return RelatorioFiscal(lido, protocolo)
        if lido.recomecar:
            return _pedir_protocolo(pedido, sessao, chamadas, olhadas=olhadas)
        return Aceita(lido.espera + _FOLGA, {**guardado, "olhadas": olhadas})

    def aplicar(self, operacao: Operacao, resposta: RelatorioFiscal) -> dict[str, Any]:
        empresa, agora = empresa_de(operacao), timezone.now()
        documento = guardar(
            resposta.pdf,
            empresa=empresa,
            tipo=Documento.Tipo.SITUACAO_FISCAL,
            nome=f"SITUACAO-FISCAL-{timezone.localdate(agora):%Y-%m-%d}.pdf",
            competencia=timezone.localdate(agora),
            referencia=resposta.protocolo[:60],
        )
        Consulta.objects.create(
            empresa=empresa,
            servico=str(sitfis.RELATORIOSITFIS92),
            documento=documento,
            operacao=operacao,
            consultada_em=agora,
        )
        return {"numero": resposta.protocolo, "documentos": [str(documento.pk)]}

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, RelatorioFiscal(arquivo, str((operacao.resposta or {}).get("protocolo", ""))))

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir situação fiscal", reverse("guias:situacao_fiscal"), em_qualquer_mes=True)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, Acao.SITUACAO_FISCAL, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(Acao.SITUACAO_FISCAL, novas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro)


def _pedir_protocolo(pedido: Pedido, sessao: SessaoEmEspera, chamadas: Chamadas, *, olhadas: int) -> Aceita:
    protocolo = sitfis.solicitar(sessao.cliente, partes_de(pedido), chamadas=chamadas)
    resumo = {"protocolo": protocolo.numero, "dia": timezone.localdate().isoformat(), "olhadas": olhadas}
    return Aceita(protocolo.espera + _FOLGA, resumo)
