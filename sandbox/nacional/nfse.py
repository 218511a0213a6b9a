"""The NFS-e as the Sefin writes it: computed values, the register's names, the DPS as it came, its own signature."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.municipios import municipio
from sandbox.nacional import assinatura, cadastro, calculo, pacote
from sandbox.nacional.calculo import MEI, IbsCbs, Valores
from sandbox.nacional.esquema import NS
from sandbox.nacional.regras.exame import Exame
from sandbox.nacional.texto_xml import campo, dinheiro, grupo, se_houver
from sandbox.nucleo.ajustes import BRASILIA

_GERADA, _MEI, _JUDICIAL = "100", "107", "102"
_SEFIN, _NORMAL = "2", "1"
_WEBSERVICE, _PORTAL = "1", "2"
_NO_EXTERIOR = "EXTERIOR"
_DIFERIDOS = ("vDifUF", "vDifMun", "vDifCBS")


@dataclass(frozen=True)
class Numeracao:
    """What the Sefin gives a note."""

    chave: str
    numero: int
    sequencia_municipal: int


def instante(quando: datetime) -> str:
    return quando.astimezone(BRASILIA).isoformat(timespec="seconds")


def compor(exame: Exame, dps: bytes, numeracao: Numeracao) -> bytes:
    """The whole signed document, in UTF-8."""
    corpo = (
        f'<NFSe versao="1.01" xmlns="{NS}"><infNFSe Id="NFS{numeracao.chave}">'
        + _inicio(exame, numeracao)
        + _emitente(exame)
        + _valores(exame.valores)
        + _ibs_cbs(exame)
    )
    fim = "</infNFSe></NFSe>"
    return b'<?xml version="1.0" encoding="utf-8"?>' + assinatura.assinar(
        corpo.encode() + pacote.nua(dps) + fim.encode()
    )


def _nome_do_municipio(ibge: str) -> str:
    achado = municipio(ibge)
    return achado.nome if achado else _NO_EXTERIOR


def _inicio(exame: Exame, numeracao: Numeracao) -> str:
    dps, incide = exame.dps, exame.tributavel
    cstat = _JUDICIAL if exame.suspensa else _MEI if exame.simples == MEI else _GERADA
    servico = exame.servico
    nbs = dps.texto("serv/cServ/cNBS")
    return "".join(
        (
            campo("xLocEmi", _nome_do_municipio(dps.texto("cLocEmi"))),
            campo("xLocPrestacao", _nome_do_municipio(dps.texto("serv/locPrest/cLocPrestacao"))),
            campo("nNFSe", numeracao.numero),
            campo("cLocIncid", exame.local_incidencia) if incide else "",
            campo("xLocIncid", _nome_do_municipio(exame.local_incidencia)) if incide else "",
            campo("xTribNac", servico.descricao if servico else ""),
            se_houver("xNBS", f"NBS {nbs}" if nbs else ""),
            campo("verAplic", exame.opcoes["versao_aplicativo"]),
            campo("ambGer", _SEFIN),
            campo("tpEmis", _NORMAL),
            campo("procEmi", _PORTAL if exame.web else _WEBSERVICE),
            campo("cStat", cstat),
            campo("dhProc", instante(exame.agora)),
            campo("nDFSe", numeracao.sequencia_municipal),
        )
    )


def _emitente(exame: Exame) -> str:
    dps, registro = exame.dps, exame.registro
    local = municipio(dps.texto("cLocEmi"))
    endereco = {**cadastro.ENDERECO_PADRAO, **(registro.endereco if registro else {})}
    return grupo(
        "emit",
        campo("CNPJ" if dps.tem("prest/CNPJ") else "CPF", exame.prestador),
        se_houver("IM", dps.texto("prest/IM")),
        campo("xNome", cadastro.nome(exame.prestador, registro)),
        grupo(
            "enderNac",
            campo("xLgr", endereco["xLgr"]),
            campo("nro", endereco["nro"]),
            se_houver("xCpl", endereco.get("xCpl", "")),
            campo("xBairro", endereco["xBairro"]),
            campo("cMun", dps.texto("cLocEmi")),
            campo("UF", local.uf if local else ""),
            campo("CEP", endereco["CEP"]),
        ),
        se_houver("fone", dps.texto("prest/fone")),
        se_houver("email", dps.texto("prest/email")),
    )


def _valores(valores: Valores) -> str:
    partes = []
    if valores.base is not None and valores.aliquota is not None and valores.issqn is not None:
        if valores.deducoes:
            partes.append(dinheiro("vCalcDR", valores.deducoes))
        if valores.tipo_beneficio:
            partes += [campo("tpBM", valores.tipo_beneficio), dinheiro("vCalcBM", valores.beneficio)]
        partes += [
            dinheiro("vBC", valores.base),
            dinheiro("pAliqAplic", valores.aliquota),
            dinheiro("vISSQN", valores.issqn),
        ]
        if valores.retido:
            partes.append(dinheiro("vTotalRet", valores.retido))
    return grupo("valores", *partes, dinheiro("vLiq", valores.liquido))


def _ibs_cbs(exame: Exame) -> str:
    dps = exame.dps
    if not dps.tem("IBSCBS"):
        return ""
    valores = calculo.ibs_cbs(dps, exame.valores, exame.competencia.year)
    onde = dps.texto("toma/end/endNac/cMun") or dps.texto("serv/locPrest/cLocPrestacao") or dps.texto("cLocEmi")
    uf, municipal, cbs = calculo.ALIQUOTAS_DE_TESTE
    dif_uf, dif_municipal, dif_cbs = (
        (dinheiro(nome, valor) for nome, valor in zip(_DIFERIDOS, valores.diferidos, strict=True))
        if valores.diferidos
        else ("", "", "")
    )
    return grupo(
        "IBSCBS",
        campo("cLocalidadeIncid", onde),
        campo("xLocalidadeIncid", _nome_do_municipio(onde)),
        grupo(
            "valores",
            dinheiro("vBC", valores.base),
            dinheiro("vCalcReeRepRes", exame.valores.reembolsos) if exame.valores.reembolsos else "",
            grupo("uf", dinheiro("pIBSUF", uf), dinheiro("pAliqEfetUF", uf)),
            grupo("mun", dinheiro("pIBSMun", municipal), dinheiro("pAliqEfetMun", municipal)),
            grupo("fed", dinheiro("pCBS", cbs), dinheiro("pAliqEfetCBS", cbs)),
        ),
        grupo(
            "totCIBS",
            dinheiro("vTotNF", exame.valores.liquido),
            grupo(
                "gIBS",
                dinheiro("vIBSTot", valores.uf + valores.municipal),
                grupo("gIBSUFTot", dif_uf, dinheiro("vIBSUF", valores.uf)),
                grupo("gIBSMunTot", dif_municipal, dinheiro("vIBSMun", valores.municipal)),
            ),
            grupo("gCBS", dif_cbs, dinheiro("vCBS", valores.cbs)),
            _regular(valores) if dps.tem("IBSCBS/valores/trib/gIBSCBS/gTribRegular") else "",
        ),
    )


def _regular(valores: IbsCbs) -> str:
    """What the regular taxation would come to: here the test rates, as in the note itself."""
    partes = zip(
        ("IBSUF", "IBSMun", "CBS"),
        calculo.ALIQUOTAS_DE_TESTE,
        (valores.uf, valores.municipal, valores.cbs),
        strict=True,
    )
    pares = (dinheiro(f"pAliqEfeReg{nome}", taxa) + dinheiro(f"vTribReg{nome}", valor) for nome, taxa, valor in partes)
    return grupo("gTribRegular", *pares)
