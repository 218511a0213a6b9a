"""SITFIS: the protocol (91), free and one for the day, and the report (92), which comes after the stated wait.

Asked for too early the report is a charged 202, and the wait begins again; asked for in time and not ready, a free 204.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import QuerySet

from sandbox.integra_contador.catalogo import SERVICO
from sandbox.integra_contador.envelope import Pedido, Resultado, ler_json
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.models import Declaracao, Defis, ProtocoloSitfis
from sandbox.integra_contador.receita.opcoes import opcao
from sandbox.integra_contador.receita.papel import papel
from sandbox.integra_contador.simulado import Simulado, tem_efeito
from sandbox.nucleo.ajustes import BRASILIA, Ajustes
from sandbox.nucleo.livro import gravacao, registrar

_FEITO = [("[Sucesso-Sitfis-SC01]", "A requisição foi efetuada com sucesso.")]


def _entrada(texto: str) -> Recusa:
    return Recusa(400, "[EntradaIncorreta-Sitfis-EI01]", texto)


def solicitar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    if pedido.dados:
        raise _entrada("O campo dados deve vir vazio.")
    espera, agora = opcao(ajustes, "sitfis_espera_ms"), ajustes.agora()
    with gravacao():
        do_dia = _do_dia(pedido, ajustes).filter(perdido=False).first()
        if do_dia is not None:
            meia_noite = datetime.combine(do_dia.dia + timedelta(days=1), datetime.min.time(), BRASILIA)
            cabecalhos = {
                "ETag": f'"protocoloRelatorio:{do_dia.numero}"',
                "Expires": meia_noite.strftime("%a, %d %b %Y %H:%M:%S -0300"),
                "Cache-Control": "integra_sitfis_solicitar_relatorio",
            }
            return Resultado(None, [], 304, cabecalhos)
        liberado = agora + timedelta(milliseconds=espera)
        protocolo = ProtocoloSitfis.objects.create(
            contribuinte=pedido.contribuinte.numero,
            autor=pedido.autor.numero,
            contratante=pedido.contratante.numero,
            dia=ajustes.hoje(),
            numero=f"SBX{uuid4().hex}",
            liberado=liberado,
            pronto=liberado + timedelta(milliseconds=opcao(ajustes, "sitfis_demora_ms")),
        )
    return Resultado({"protocoloRelatorio": protocolo.numero, "tempoEspera": espera}, _FEITO)


def _do_dia(pedido: Pedido, ajustes: Ajustes) -> QuerySet[ProtocoloSitfis]:
    return ProtocoloSitfis.objects.filter(
        contribuinte=pedido.contribuinte.numero,
        autor=pedido.autor.numero,
        contratante=pedido.contratante.numero,
        dia=ajustes.hoje(),
    )


def relatorio(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    try:
        dados = ler_json(pedido.dados)
    except ValueError:
        dados = None
    if not isinstance(dados, dict) or set(dados) != {"protocoloRelatorio"}:
        raise _entrada("Informe apenas protocoloRelatorio.")
    espera, agora = opcao(ajustes, "sitfis_espera_ms"), ajustes.agora()
    with gravacao():
        protocolo = _do_dia(pedido, ajustes).filter(numero=str(dados["protocoloRelatorio"])).first()
        if protocolo is None:
            raise _entrada("O protocolo informado é inválido para as partes e o dia do pedido.")
        if protocolo.perdido:
            texto = "O pedido do relatório não foi encontrado. Inicie novamente pelo serviço Apoiar."
            raise Recusa(500, "[Erro-Sitfis-ER05]", texto)
        if agora < protocolo.liberado:
            _esperar(protocolo, agora, espera)
            texto = "Processamento em andamento."
            return Resultado({"tempoEspera": espera}, [("[Aviso-Sitfis-SC02]", texto)], 202)
        if agora < protocolo.pronto:
            _esperar(protocolo, agora, espera)
            return Resultado(None, [], 204, {"ETag": f'"tempoEspera:{espera}"'})
        registrar(
            instante=agora,
            servico=SERVICO,
            tipo="relatorio_sitfis",
            contribuinte=protocolo.contribuinte,
            numero=protocolo.numero,
            tag=tag,
        )
    return Resultado([{"pdf": _pdf(protocolo, ajustes)}], _FEITO)


def _esperar(protocolo: ProtocoloSitfis, agora: datetime, espera: int) -> None:
    protocolo.liberado = agora + timedelta(milliseconds=espera)
    protocolo.save(update_fields=["liberado"])


def _pdf(protocolo: ProtocoloSitfis, ajustes: Ajustes) -> str:
    ano = ajustes.hoje().year
    meses = sorted(
        set(
            Declaracao.objects.filter(
                contribuinte=protocolo.contribuinte, pa__range=(ano * 100, ano * 100 + 99)
            ).values_list("pa", flat=True)
        )
    )
    anos = sorted(set(Defis.objects.filter(contribuinte=protocolo.contribuinte).values_list("ano", flat=True)))
    linhas = [
        "Relatório de Situação Fiscal",
        f"Emitido em {ajustes.agora().astimezone(BRASILIA):%d/%m/%Y %H:%M:%S}",
        "",
        "PGDAS-D do ano: " + (", ".join(f"{pa % 100:02d}/{pa // 100}" for pa in meses) or "nenhum transmitido"),
        "DEFIS: " + (", ".join(map(str, anos)) or "nenhuma transmitida"),
        "",
        "Não foram detectadas outras pendências neste ambiente de teste.",
    ]
    return papel("Situação fiscal", protocolo.contribuinte, linhas)


SERVICOS = {
    "SOLICITARPROTOCOLO91": Simulado(solicitar),
    "RELATORIOSITFIS92": Simulado(relatorio, tem_efeito),
}
