"""Companies that issue notes, their channels, and their registers in the simulators."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urljoin

from stdnum.br import cnpj as stdnum_cnpj

from comum import segredos
from credentials.services import certificados
from empresas.calendario import somar_meses
from empresas.models import Empresa, Regime, RegimeEmpresa
from nfse.models import CanalNfse, TipoCanal
from nfse.providers.nacional.parametros import Convenio
from nfse.providers.sisgenfe import Atividade
from nfse.services import acesso, referencias
from nfse.services.canais import proximo_codigo
from nfse.services.nacional import guardar_convenio
from operacoes import relogio as cronometro
from operacoes.ensaio import Palco
from operacoes.http import Chamadas
from operacoes.ritmo import no_ritmo

MUNICIPIO, LC116, CODIGO_NACIONAL = "2601409", "7.13", "071301"
_USUARIO, _SENHA, _APLICATIVO = "ensaio", "senha do ensaio", "aplicativo-do-ensaio"
_NOTAS_POR_CANAL = 8
_MENOS_CANAIS = 3  # one of each kind of town

# How the towns of Integra Notas treat the notes of a prestador, by turns: at once; cancelling later; all of it later.
_DEPOIS = no_ritmo(timedelta(seconds=20)).total_seconds()
Prefeitura = dict[str, Any]
_PREFEITURAS: tuple[Prefeitura, ...] = (
    {},
    {"cancela_segundos": _DEPOIS},
    {"segundos": _DEPOIS, "cancela_segundos": _DEPOIS},
)
# And two that refuse all of them, at once and later, with the codes by which we may learn it: of a note that was
# deleted later only its absence may be left to see.
_RECUSA: dict[str, Any] = {"desfecho": "recusar", "codigo": 5210}
QUE_RECUSAM: tuple[tuple[Prefeitura, frozenset[str]], ...] = (
    (_RECUSA, frozenset({"5210"})),
    (_RECUSA | {"segundos": _DEPOIS}, frozenset({"5210", "RECUSADA-DEPOIS"})),
)


def canais(palco: Palco, tipo: TipoCanal, quantas: int) -> list[CanalNfse]:
    """Enough channels for so many notes, the same for all the handlers of a service."""
    preciso = max(_MENOS_CANAIS, -(-quantas // _NOTAS_POR_CANAL))
    feitos: list[CanalNfse] = palco.guardado.setdefault(f"canais {tipo}", [])
    if len(feitos) < preciso:
        feitos += novos_canais(palco, tipo, [_prefeitura(n) for n in range(len(feitos), preciso)])
    return feitos[:preciso]


def novos_canais(palco: Palco, tipo: TipoCanal, prefeituras: Sequence[Prefeitura]) -> list[CanalNfse]:
    """Channels of companies of their own, known to the simulator; `prefeituras` is how each one's town treats it."""
    novos = [
        CanalNfse(codigo=proximo_codigo(), empresa=_empresa(palco, numero), tipo=tipo)
        for _, numero in zip(prefeituras, palco.numeros, strict=False)
    ]
    if tipo == TipoCanal.SISGENFE:
        _registrar_prestadores(palco, novos)
        return novos
    if tipo == TipoCanal.NACIONAL:
        _com_certificado(palco, novos)
        return novos
    tokens = _registrar_emitentes(palco, novos, prefeituras)
    for canal, token in zip(novos, tokens, strict=True):
        canal.serie = str(canal.codigo)  # unlike every other's: série and number name one note in the whole sandbox
        segredos.selar(canal, "token", token)
        canal.save()
    return novos


def _registrar_prestadores(palco: Palco, novos: Sequence[CanalNfse]) -> None:
    prestadores = [
        {"cnpj": canal.empresa.documento, "usuario": _USUARIO, "senha": _SENHA, "app": _APLICATIVO} for canal in novos
    ]
    palco.controle("sisgenfe/prestadores", {"prestadores": prestadores})
    for canal in novos:
        canal.usuario = _USUARIO
        segredos.selar(canal, "senha", _SENHA)
        segredos.selar(canal, "chave_aplicacao", _APLICATIVO)
        canal.save()
        referencias.guardar(canal, [atividade(palco, canal)])


def _com_certificado(palco: Palco, novos: Sequence[CanalNfse]) -> None:
    """Each with an A1 of its own, which the simulator's authority issued; its register is open, as it comes."""
    guardar_convenio(MUNICIPIO, Convenio(True, True, True, True, True))
    emissora = urljoin(palco.controle("contratantes", None)["contratantes"][0]["a1"], "/controle/api/a1")
    for canal in novos:
        titular = {"cnpj": canal.empresa.documento, "nome": canal.empresa.razao_social, "senha": _SENHA}
        pfx = palco.baixar(f"{emissora}?{urlencode(titular)}")
        canal.certificado = certificados.guardar(pfx, _SENHA, certificados.ler_pfx(pfx, _SENHA))
        canal.serie, canal.versao_emissao = "1", 2
        canal.carga_federal = canal.carga_estadual = canal.carga_municipal = Decimal("5.00")
        canal.save()


def responder(palco: Palco, seus: Sequence[CanalNfse], *, na_hora: bool) -> None:
    """Let the towns of these channels of Integra Notas authorise at once, or each in its way; what is cancelled later
    stays so."""
    ja: Prefeitura = {"segundos": 0}
    suas = [_prefeitura(n) | ja if na_hora else {**ja, **_prefeitura(n)} for n in range(len(seus))]
    _registrar_emitentes(palco, seus, suas)


def _prefeitura(n: int) -> Prefeitura:
    return _PREFEITURAS[n % len(_PREFEITURAS)]


def _registrar_emitentes(palco: Palco, seus: Sequence[CanalNfse], prefeituras: Sequence[Prefeitura]) -> list[str]:
    """Their tokens, in order; one that is known already keeps its own."""
    conta = uma_vez(palco, "conta", lambda: palco.controle("integranotas/contas", None)["contas"][0]["id"])
    emitentes = [
        {"documento": canal.empresa.documento, **prefeitura}
        for canal, prefeitura in zip(seus, prefeituras, strict=True)
    ]
    feitos = palco.controle("integranotas/emitentes", {"conta": conta, "emitentes": emitentes})["emitentes"]
    return [feito["token"] for feito in feitos]


def atividade(palco: Palco, canal: CanalNfse) -> Atividade:
    """One that every prestador of the simulator may use, read from it."""

    def ler() -> Atividade:
        chamadas = Chamadas(tag="ensaio", deadline=cronometro.segundos() + 60)
        lidas = acesso.abrir_sisgenfe(canal).atividades(chamadas=chamadas)
        return next(atividade for atividade in lidas if atividade.lc116 == LC116)

    return uma_vez(palco, "atividade", ler)


def uma_vez[T](palco: Palco, nome: str, fazer: Callable[[], T]) -> T:
    """What `fazer` gave the first time in this run."""
    if nome not in palco.guardado:
        palco.guardado[nome] = fazer()
    feito: T = palco.guardado[nome]
    return feito


def _empresa(palco: Palco, numero: int) -> Empresa:
    """Of a regime that no rule of canais sends elsewhere."""
    mes = somar_meses(palco.hoje.replace(day=1), -12)
    empresa = Empresa.objects.create(
        codigo=str(numero),
        documento=cnpj(numero),
        razao_social=f"Prestador {numero:05d} Ltda",
        regime=Regime.PRESUMIDO,
        municipio_id=MUNICIPIO,
    )
    RegimeEmpresa.objects.create(empresa=empresa, regime=Regime.PRESUMIDO, desde=mes)
    return empresa


def cnpj(numero: int) -> str:
    """With letters, every other one."""
    doze = f"{'NF' if numero % 2 else '80'}{numero:06d}0001"
    return str(doze + stdnum_cnpj.calc_check_digits(doze))
