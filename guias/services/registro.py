"""A payment slip as it came from the service, kept as a Guia with its PDF."""

from datetime import date

from arquivo.models import Documento
from arquivo.services import guardar
from comum.banco import inserir, inserir_se_novo
from empresas.models import Empresa
from guias.models import Guia
from guias.providers.interface import DasEmitido
from guias.sinais import guia_reemitida
from operacoes.models import Operacao


def registrar(
    operacao: Operacao,
    emitida: DasEmitido,
    *,
    tipo: Guia.Tipo,
    divida: str,
    competencia: date,
    via: int,
    revisao: int = 1,
    apuracao: int | None = None,
    codigo_barras: str = "",
    periodo: str = "",
    receita: str = "",
    referencia: str = "",
    papel: Documento.Tipo | None = None,
) -> Guia:
    """The guia of an Operacao; the same number drawn again is the same guia. In few statements: a bulk run of thousands
    goes through here. `apuracao` is its pk; the other names are those of Guia. Without a PDF, no document; `papel`
    is its kind, where the kind of guia does not say it."""
    empresa = Empresa(pk=operacao.empresa_id)
    documento = None
    if emitida.pdf:
        documento = guardar(
            emitida.pdf,
            empresa=empresa,
            tipo=papel or (Documento.Tipo.DAS if tipo == Guia.Tipo.DAS else Documento.Tipo.GUIA),
            nome=f"{tipo.label.replace(' ', '-')}-{emitida.numero}.pdf",
            competencia=competencia,
            referencia=emitida.numero,
            com_linha=False,
        )
    guia = Guia(
        tipo=tipo,
        empresa=empresa,
        apuracao_id=apuracao,
        divida=divida,
        competencia=competencia,
        periodo=periodo,
        receita=receita,
        referencia=referencia,
        revisao=revisao,
        via=via,
        numero=emitida.numero,
        vencimento=emitida.vencimento,
        limite=emitida.limite,
        principal=emitida.principal,
        multa=emitida.multa,
        juros=emitida.juros,
        total=emitida.total,
        codigo_barras=codigo_barras,
        composicao=emitida.composicao,
        documento=documento,
        operacao=operacao,
    )
    if documento is None:
        if (ja_guardada := Guia.objects.filter(numero=guia.numero).first()) is not None:
            return ja_guardada
        guia = inserir(guia)
    elif not inserir_se_novo(guia, unico="numero", com=documento):
        return Guia.objects.get(numero=guia.numero)
    if via > 1 or revisao > 1:
        guia_reemitida.send(Guia, guia=guia)
    return guia


def resumo(guia: Guia) -> dict[str, object]:
    """What Operacao.resposta keeps of a guia."""
    return {
        "guia": guia.pk,
        "numero": guia.numero,
        "total": str(guia.total),
        "documentos": [str(guia.documento_id)] if guia.documento_id else [],
    }
