"""The DARF of SICALC, as a PDF or as its bar code alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Servico
from guias.ensaio import federais as ensaio
from guias.handlers.base import EmVias, IntegraContadorHandler, Sessao
from guias.handlers.telas import DARFS
from guias.models import Darf, Guia
from guias.providers import sicalc
from guias.providers.sicalc import DarfEmitido, PedidoDarf
from guias.services import barras, darfs, registro
from guias.services.dia_de_pagar import dia_proposto
from guias.services.pedidos import Pedido, competencia_de, partes_de
from operacoes.ensaio import NoLivro, Palco
from operacoes.handlers import ProximaAcao, Repeticao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao


@registrar
class EmitirDarf(EmVias, IntegraContadorHandler):
    """Draw a DARF. Drawing it again is another document and another charge, for the same debt."""

    tipo, rotulo = darfs.TIPO, "Emitir DARF"
    efeito, classe = Efeito.DOCUMENTO, Classe.EMISSAO
    servico_do_vinculo = Servico.DARF
    conserto = ("SICALC", "Corrija o DARF e emita de novo.", DARFS)
    efeito_no_livro = "darf_emitido"
    prova = ""
    onde_conferir = (
        "O Sicalc não guarda os DARF que calcula: não há onde procurar. Um DARF a mais não é dívida a mais, só custa "
        "outra chamada. Peça outro."
    )
    numero_da_prova = ""

    def poderes(self) -> frozenset[str]:
        return frozenset()

    def submetidas(self, operacoes: Sequence[Operacao]) -> None:
        por_darf = {operacao.pedido["darf"]: operacao for operacao in operacoes}
        atuais = list(Darf.objects.filter(pk__in=por_darf))
        for darf in atuais:
            darf.operacao = por_darf[darf.pk]
        Darf.objects.bulk_update(atuais, ["operacao"], batch_size=500)

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DarfEmitido:
        return sicalc.emitir(sessao.cliente, partes_de(pedido), darfs.de_json(pedido["dados"]), chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: DarfEmitido) -> dict[str, Any]:
        pedido = operacao.pedido
        dados = darfs.de_json(pedido["dados"])
        # Whoever draws another copy of the same debt waits here, so that each has its number.
        list(Darf.objects.filter(divida=pedido["divida"]).order_by("pk").select_for_update().values_list("pk"))
        emitida, problema = resposta.guia, ""
        if resposta.codigo_barras:
            problema = barras.da_resposta(resposta.codigo_barras, resposta.linha, emitida.numero, emitida.total)
        guia = registro.registrar(
            operacao,
            emitida,
            tipo=Guia.Tipo.DARF,
            divida=pedido["divida"],
            competencia=competencia_de(pedido),
            via=darfs.proxima_via(pedido["divida"]),
            codigo_barras="" if problema else resposta.codigo_barras,
            periodo=dados.data_pa,
            receita=f"{dados.receita}-{dados.extensao}",
            referencia=_referencia(dados, pedido.get("complemento", 0)),
        )
        if problema:
            Guia.objects.filter(pk=guia.pk).update(problema=problema, examinada_em=timezone.now())
        return registro.resumo(guia) | {
            "problema": problema,
            "multa": str(guia.multa),
            "juros": str(guia.juros),
            "percentual_multa": str(resposta.percentual_multa),
            "percentual_juros": str(resposta.percentual_juros),
        }

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        """By what the DARF says now, since a refusal is mended there, unless the debt was paid meanwhile; a day to pay
        that has passed becomes the one proposed today."""
        atuais = Darf.objects.select_related("empresa__municipio").in_bulk([o.pedido["darf"] for o in operacoes])
        por_pk = {operacao.pk: atuais[operacao.pedido["darf"]] for operacao in operacoes}
        hoje, pagas = timezone.localdate(), darfs.pagas({darf.divida for darf in por_pk.values()})
        dia_de_pagar = dia_proposto(hoje)
        ditas: dict[int, Repeticao | str] = {}
        for pk, dita in super().repetir(operacoes, usuario).items():
            darf = por_pk[pk]
            if paga_em := pagas.get(darf.divida):
                dita = darfs.ja_pago(paga_em)
            elif isinstance(dita, Repeticao):
                if darf.consolidacao < hoje:
                    darf.consolidacao = dia_de_pagar
                dita = Repeticao(dita.pedido | darfs.para_pedido(darf), dita.acesso)
            ditas[pk] = dita
        return ditas

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir as guias", reverse("guias:lista") + "?tipo=darf")

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.darfs_de(palco, quantas, so_barras=False)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        guia = Guia.objects.filter(operacao=operacao).first()
        return ensaio.no_livro(operacao, self.efeito_no_livro, numero=guia.numero if guia else "", pa="")


def _referencia(dados: PedidoDarf, complemento: int) -> str:
    """What tells it apart from the others of its receita and period."""
    partes = (
        dados.referencia,
        f"quota {dados.cota}" if dados.cota else "",
        f"complemento {complemento}" if complemento else "",
    )
    return " ".join(parte for parte in partes if parte)


@registrar
class EmitirDarfEmBarras(EmitirDarf):
    """Draw a DARF as its bar code: no paper, for who pays by the line."""

    tipo, rotulo = darfs.TIPO_BARRAS, "Emitir DARF só com código de barras"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DarfEmitido:
        dados = darfs.de_json(pedido["dados"])
        return sicalc.emitir_barras(sessao.cliente, partes_de(pedido), dados, chamadas=chamadas)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.darfs_de(palco, quantas, so_barras=True)
