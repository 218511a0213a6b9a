"""What the Sefin would refuse and can be known here: each thing with its field, in words that say what, where and what
next. The code by which it refuses stands at the end, for whoever looks it up in Anexo I of the layout.

Not here: what only the registers of the Sefin know (whether the tomador exists, what the município admits).
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from nfse.providers.interface import Problema
from nfse.providers.nacional import (
    presencas,
    problemas_grupos,
    problemas_ibscbs,
    problemas_papeis,
    problemas_pessoas,
    problemas_tributos,
)
from nfse.providers.nacional.dps import BRASILIA, dia_do_servico
from nfse.providers.nacional.dps_servico import descricao
from nfse.providers.nacional.escrita import restrito
from nfse.providers.nacional.identificadores import PADRAO_DA_CHAVE, IdentificadorInvalido, id_dps, ler_chave
from nfse.providers.nacional.problemas_pessoas import falta
from nfse.providers.nacional.valores import Dps

DESCRICAO_MAXIMA = 1000  # Anexo I; the schema takes 2000
MOTIVO_MINIMO, MOTIVO_MAXIMO = 15, 255
_CENTAVO = Decimal("0.01")


def problemas(dps: Dps, *, agora: datetime, grupo_exigido: str | None = None) -> list[Problema]:
    """Everything that keeps a declaration from leaving. `grupo_exigido` is what the official table asks of its service:
    "obra", "atvEvento", empty for neither, None when it is not known."""
    if not dps.emissao.itens:
        return [falta("itens", "A nota está sem serviço. Inclua o serviço prestado.")]
    quando, tracos = dia_do_servico(dps), presencas.tracos(dps)
    return [
        *_identificacao(dps),
        *_datas(dps, quando, agora),
        *problemas_pessoas.pessoas(dps),
        *_servico(dps, grupo_exigido),
        *_valores(dps),
        *problemas_papeis.deducoes(dps, tracos, quando),
        *_substituicao(dps),
        *problemas_tributos.tributos(dps, tracos, quando),
        *problemas_ibscbs.ibscbs(dps, tracos, quando),
    ]


def _identificacao(dps: Dps) -> Iterator[Problema]:
    emissao = dps.emissao
    if emissao.numero is None:
        yield falta("numero", "A nota está sem número de DPS. Envie-a de novo para que o Guichê a numere.", "E0004")
        return
    try:
        id_dps(dps.emitente.municipio, dps.emitente.documento, emissao.serie, emissao.numero)
    except IdentificadorInvalido as erro:
        campo = "serie" if "série" in str(erro) else "numero" if "número da DPS" in str(erro) else "emitente"
        codigo = "E0010" if campo == "serie" else "E0004"
        yield falta(campo, f"{erro} Acerte no cadastro da empresa ou no canal dela.", codigo)


def _datas(dps: Dps, quando: date, agora: datetime) -> Iterator[Problema]:
    emissao = dps.emissao.emissao
    if emissao > agora + timedelta(seconds=1):
        yield falta("emissao", "A emissão está no futuro. Confira o relógio deste servidor.", "E0008")
    if quando > emissao.astimezone(BRASILIA).date():
        yield falta(
            "data_servico",
            f"A data do serviço ({quando:%d/%m/%Y}) é depois da emissão. Use a data em que o serviço foi prestado.",
            "E0015",
        )
    if quando.replace(day=1) != dps.emissao.competencia:
        yield falta(
            "competencia",
            f"A data do serviço ({quando:%d/%m/%Y}) não é da competência {dps.emissao.competencia:%m/%Y}. Acerte uma "
            "das duas: é a data que diz a competência na NFS-e nacional.",
        )


def _servico(dps: Dps, grupo_exigido: str | None) -> Iterator[Problema]:
    emissao = dps.emissao
    codigos = {(item.codigo.strip(), item.codigo_municipal.strip(), item.nbs.strip()) for item in emissao.itens}
    codigo = emissao.itens[0].codigo.strip()
    if len(codigos) > 1:
        yield falta(
            "itens",
            "A NFS-e nacional leva um só serviço, e os itens têm códigos diferentes. Emita uma nota para cada código.",
        )
    if not (len(codigo) == 6 and codigo.isascii() and codigo.isdecimal()):
        yield falta(
            "itens.0.codigo",
            "O serviço está sem o código de tributação nacional, de 6 números (por exemplo 170101). Escolha-o no "
            "cadastro do serviço.",
            "E0310",
        )
    texto = descricao(dps)
    if not texto:
        yield falta("itens.0.descricao", "O serviço está sem descrição. Escreva o que foi feito.")
    elif len(texto) > DESCRICAO_MAXIMA:
        yield falta(
            "itens.0.descricao",
            f"A descrição tem {len(texto)} caracteres, e o limite é {DESCRICAO_MAXIMA}. Encurte-a ou use a observação.",
        )
    if not dps.pais_prestacao and not emissao.municipio_prestacao:
        yield falta("municipio_prestacao", "Falta dizer onde o serviço foi prestado. Informe o município.", "E0302")
    nbs = "".join(letra for letra in emissao.itens[0].nbs if letra.isdecimal())
    if nbs and len(nbs) != 9:
        yield falta("itens.0.nbs", "O código NBS tem 9 números. Confira-o na tabela da NBS 2.0.", "E0316")
    if not nbs and dps.comercio_exterior is not None:
        yield falta("itens.0.nbs", "Exportação e importação de serviço precisam do código NBS. Informe-o.", "E0318")
    yield from problemas_grupos.grupos(dps, grupo_exigido)


def _valores(dps: Dps) -> Iterator[Problema]:
    for posicao, item in enumerate(dps.emissao.itens):
        for campo in ("valor_unitario", "desconto", "deducao", "aliquota"):
            valor = getattr(item, campo)
            if valor is not None and valor < 0:
                yield falta(f"itens.{posicao}.{campo}", "Valores negativos não são aceitos. Confira o item.")
    total, abatido = dps.valor, dps.desconto + dps.desconto_condicionado
    if total <= 0:
        yield falta("itens.0.valor_unitario", "O valor do serviço precisa ser maior que zero. Informe-o.")
        return
    if dps.desconto >= total:
        yield falta("itens.0.desconto", "O desconto tem de ser menor que o valor do serviço.", "E0431")
    if dps.desconto_condicionado >= total:
        yield falta(
            "desconto_condicionado", "O desconto condicionado tem de ser menor que o valor do serviço.", "E0432"
        )
    abatido += dps.deduzido + dps.reembolsado + dps.reduzido
    if abatido > total:
        yield falta(
            "beneficio.valor" if dps.reduzido else problemas_tributos.campo_da_deducao(dps),
            "Descontos, deduções, reembolsos e a redução do benefício passam, juntos, do valor do serviço. Confira-os.",
            "E0427",
        )
    elif abatido + dps.retido_em_tributos > total:
        yield falta(
            "itens.0.retencoes",
            "O que sai do valor do serviço (descontos, deduções, reembolsos, benefício) e as retenções passam dele "
            "juntos. Confira-os.",
            "E0428",
        )
    formas = [bool(dps.deducao), dps.deducao_percentual is not None, bool(dps.deducoes)]
    if sum(formas) > 1:
        onde = "itens.0.deducao" if dps.deducao else "deducao_percentual"
        yield falta(onde, "Informe a dedução de um só modo: em reais, em percentual ou por documentos.")
    if any(_milesimos(valor) for valor in _em_reais(dps)):
        yield falta("itens", "Valores e alíquotas têm no máximo 2 casas decimais. Arredonde-os.")


def _em_reais(dps: Dps) -> Iterator[Decimal | None]:
    for item in dps.emissao.itens:
        r = item.retencoes
        yield from (item.desconto, item.deducao, item.aliquota, r.pis, r.cofins, r.csll, r.ir, r.inss)
    yield from (dps.desconto_condicionado, dps.deducao_percentual)
    if dps.beneficio is not None:
        yield from (dps.beneficio.valor, dps.beneficio.percentual)
    for papel in dps.deducoes:
        yield from (papel.dedutivel, papel.deduzido)


def _milesimos(valor: Decimal | None) -> bool:
    return valor is not None and valor != valor.quantize(_CENTAVO)


def _substituicao(dps: Dps) -> Iterator[Problema]:
    troca = dps.substituicao
    if troca is None:
        return
    if not PADRAO_DA_CHAVE.fullmatch(troca.chave):
        yield falta("substituicao.chave", "A chave da nota a substituir não é de uma NFS-e nacional.", "E0042")
    elif ler_chave(troca.chave).ambiente_gerador != "2" and not troca.no_emissor_proprio:
        yield falta(
            "substituicao.chave",
            "A nota a substituir foi gerada pelo sistema do município. Substitua-a lá.",
            "E0065",
        )
    if not dps.emissao.tomador.documento and not dps.emissao.tomador.nif and not dps.emissao.tomador.sem_nif:
        yield falta("tomador", "A nota que substitui outra precisa do tomador identificado. Informe-o.", "E0056")
    quantos = len(restrito(troca.motivo))
    if (troca.codigo == "99" or quantos) and not MOTIVO_MINIMO <= quantos <= MOTIVO_MAXIMO:
        yield falta(
            "substituicao.motivo",
            f"A justificativa tem {quantos} caracteres, e são de {MOTIVO_MINIMO} a {MOTIVO_MAXIMO}. Reescreva-a.",
            "E0078",
        )
