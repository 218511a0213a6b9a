"""DAS that pay no declaration: collection, process, tributes one by one. One class each."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone

from comum.documentos import Invalido
from comum.models import Usuario
from credentials.models import Servico
from guias.ensaio import pagamentos as ensaio
from guias.handlers.base import EmVias, IntegraContadorHandler, Sessao
from guias.models import Guia
from guias.providers import pgdasd
from guias.providers.catalogo import Servico as ServicoSerpro
from guias.providers.interface import DasEmitido
from guias.services import especiais, registro
from guias.services.das import consolidacao_das, prazo_das
from guias.services.dia_de_pagar import dia_proposto
from guias.services.pedidos import Pedido, competencia_de, partes_de
from operacoes import motor
from operacoes.ensaio import NoLivro, Palco
from operacoes.handlers import ProximaAcao, Repeticao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao


class _DasEspecial(EmVias, IntegraContadorHandler):
    efeito, classe = Efeito.DOCUMENTO, Classe.EMISSAO
    servico_do_vinculo = Servico.DAS
    no_catalogo: ClassVar[ServicoSerpro]
    tipo_de_guia: ClassVar[Guia.Tipo]
    acao: ClassVar[str]
    prova = ""
    onde_conferir = (
        "No portal do Simples Nacional, em Cálculo e Declaração, na emissão deste tipo de DAS: baixe-o e anexe-o aqui, "
        "ou peça outro. Um DAS a mais não é dívida a mais, só custa outra chamada."
    )
    numero_da_prova = "Linha digitável do DAS"
    arquivo_da_prova = "DAS (PDF)"

    def poderes(self) -> frozenset[str]:
        return self.no_catalogo.poderes

    @abstractmethod
    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DasEmitido: ...

    def aplicar(self, operacao: Operacao, resposta: DasEmitido) -> dict[str, Any]:
        pedido = operacao.pedido
        competencia, periodo = especiais.periodo_de(resposta, competencia_de(pedido))
        guia = registro.registrar(
            operacao,
            resposta,
            tipo=self.tipo_de_guia,
            divida=pedido["divida"],
            competencia=competencia,
            periodo=periodo,
            referencia=pedido.get("processo", ""),
            via=pedido["via"],
        )
        return registro.resumo(guia)

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        lido = especiais.da_linha(numero, b"")
        return lido.mensagem if isinstance(lido, Invalido) else ""

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        lido = especiais.da_linha(evidencia, arquivo)
        if isinstance(lido, Invalido):
            raise motor.EstadoErrado(lido.mensagem)
        return self.aplicar(operacao, lido)

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        if "PGDASD-MSG_ISN" in grupo.upper():
            dito = "Veja as palavras do serviço, corrija o que foi pedido e emita de novo."
            return ProximaAcao(dito, "Pedir de novo", reverse("guias:das_novo", args=[self.tipo.rpartition(".")[2]]))
        return super().proxima_acao(grupo, operacoes_url)

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir as guias", reverse("guias:lista") + "?periodo=todos&ordem=-emissao")

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.emissoes(palco, self.acao, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        guia = Guia.objects.filter(operacao=operacao).first()
        return ensaio.da_guia(operacao, self.efeito_no_livro, guia.numero if guia else "")


@registrar
class EmitirDasDeCobranca(_DasEspecial):
    tipo, rotulo = especiais.TIPO_COBRANCA, "Emitir DAS de cobrança"
    no_catalogo, tipo_de_guia, acao = pgdasd.GERARDASCOBRANCA17, Guia.Tipo.DAS_COBRANCA, especiais.COBRANCA
    efeito_no_livro = "das_cobranca_emitido"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DasEmitido:
        return pgdasd.das_de_cobranca(sessao.cliente, partes_de(pedido), competencia_de(pedido), chamadas=chamadas)


@registrar
class EmitirDasDeProcesso(_DasEspecial):
    tipo, rotulo = especiais.TIPO_PROCESSO, "Emitir DAS de processo"
    no_catalogo, tipo_de_guia, acao = pgdasd.GERARDASPROCESSO18, Guia.Tipo.DAS_PROCESSO, especiais.PROCESSO
    efeito_no_livro = "das_processo_emitido"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DasEmitido:
        return pgdasd.das_de_processo(sessao.cliente, partes_de(pedido), pedido["processo"], chamadas=chamadas)


@registrar
class EmitirDasAvulso(_DasEspecial):
    tipo, rotulo = especiais.TIPO_AVULSO, "Emitir DAS avulso"
    no_catalogo, tipo_de_guia, acao = pgdasd.GERARDASAVULSO19, Guia.Tipo.DAS_AVULSO, especiais.AVULSO
    efeito_no_livro = "das_avulso_emitido"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DasEmitido:
        consolidacao = pedido["consolidacao"]
        return pgdasd.das_avulso(
            sessao.cliente,
            partes_de(pedido),
            competencia_de(pedido),
            especiais.tributos_de(pedido["tributos"]),
            consolidacao=date.fromisoformat(consolidacao) if consolidacao else None,
            prorrogacao=pedido.get("prorrogacao"),  # not in what was asked before there was one
            chamadas=chamadas,
        )

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        """For payment on the day proposed today, when it is overdue by now."""
        feitas, hoje = dict(super().repetir(operacoes, usuario)), timezone.localdate()
        dia_de_pagar = dia_proposto(hoje)
        for pk, repeticao in feitas.items():
            if isinstance(repeticao, Repeticao) and (repeticao.pedido["consolidacao"] or "") < hoje.isoformat():
                dia = consolidacao_das(prazo_das(competencia_de(repeticao.pedido)), dia_de_pagar)
                pedido = repeticao.pedido | {"consolidacao": dia.isoformat() if dia else None}
                feitas[pk] = Repeticao(pedido, repeticao.acesso)
        return feitas
