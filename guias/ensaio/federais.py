"""Seeded DARF, DCTFWeb and MIT for the fault harness: companies of their own, known to the sandbox and linked."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from stdnum.br import cnpj as stdnum_cnpj

from credentials.models import Autor, Servico, Vinculo
from empresas.models import Empresa, Municipio, Regime, RegimeEmpresa
from guias import ensaio
from guias.models import ApuracaoMit, Darf, ReceitaSicalc
from guias.services import darfs, dctfweb, mit, periodos, prevoo
from operacoes import motor
from operacoes.ensaio import NoLivro, Palco
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao, execucao

_LOTE = 500
_RECEITA, _EXTENSAO = "8109", "02"
# PIS cumulativo as SICALC tells it: the extension of the one receita that the rehearsal, and the demo office, draw.
PIS_CUMULATIVO: dict[str, Any] = {
    "codigo": _EXTENSAO,
    "descricao": "PIS - faturamento - PJ em geral (cumulativo)",
    "tipo_pa": "ME",
    "obrigatorios": ["dataPA"],
    "opcionais": [],
    "manual": False,
    "calculado": True,
    "codigo_barras": True,
    "exige_matriz": True,
    "veda_valor": False,
    "pf": False,
    "pj": True,
    "descricao_referencia": "",
    "criacao": "1997-01-01",
    "extincao": None,
}


def no_livro(operacao: Operacao, tipo: str, *, numero: str = "", pa: str | None = None) -> NoLivro:
    contribuinte = operacao.pedido["partes"]["contribuinte"]
    mes = operacao.pedido["competencia"][:7].replace("-", "")
    return NoLivro(ensaio.SERVICO, tipo, contribuinte, mes if pa is None else pa, numero)


def darfs_de(palco: Palco, quantas: int, *, so_barras: bool) -> Sequence[NovaOperacao]:
    mes = ensaio.competencia(palco)
    empresas = _empresas(palco, quantas)
    ReceitaSicalc.objects.get_or_create(
        pk=_RECEITA,
        defaults={"denominacao": "PIS", "extensoes": [PIS_CUMULATIVO], "consultada_em": timezone.now()},
    )
    periodo = periodos.Periodo(Darf.Periodo.MENSAL, f"{mes:%m/%Y}", mes)
    novos = []
    for empresa in empresas:
        darf = Darf(
            empresa=empresa,
            receita=_RECEITA,
            extensao=_EXTENSAO,
            tipo_pa=periodo.tipo,
            periodo=periodo.texto,
            competencia=mes,
            vencimento=palco.hoje,
            consolidacao=palco.hoje,
            valor=Decimal(palco.sorteio.randrange(5_000, 900_000)) / 100,
            so_barras=so_barras,
            criado_por=palco.usuario,
        )
        darf.nomear()
        novos.append(darf)
    Darf.objects.bulk_create(novos, batch_size=_LOTE)
    return darfs.previa(Darf.objects.filter(pk__in=[darf.pk for darf in novos]), mes).novas


def da_dctfweb(palco: Palco, quantas: int, acao: str) -> Sequence[NovaOperacao]:
    """A question or a guia about each of as many declarations: in progress, or transmitted by other hands."""
    mes = ensaio.competencia(palco)
    portal = acao in (dctfweb.ACAO_RECIBO, dctfweb.ACAO_COMPLETA, dctfweb.ACAO_GUIA)
    empresas = _empresas(palco, quantas)
    _fechar(palco, empresas, mes, portal=portal)
    return prevoo.prevoo(acao, empresas, mes).novas


def transmissoes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """The XML of each is fetched beforehand, while nothing goes wrong."""
    mes = ensaio.competencia(palco)
    empresas = _empresas(palco, quantas)
    _fechar(palco, empresas, mes)
    _escoar(palco, prevoo.prevoo(dctfweb.ACAO_XML, empresas, mes).novas)
    return prevoo.prevoo(dctfweb.ACAO_TRANSMITIR, empresas, mes).novas


def encerramentos(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    mes = ensaio.competencia(palco)
    empresas = _empresas(palco, quantas)
    _meses(palco, empresas, mes)
    return prevoo.prevoo(mit.ACAO_ENCERRAR, empresas, mes).novas


def do_mit(palco: Palco, quantas: int, acao: str) -> Sequence[NovaOperacao]:
    """Of each company a month is closed beforehand, and asked about."""
    mes = ensaio.competencia(palco)
    empresas = _empresas(palco, quantas)
    _meses(palco, empresas, mes)
    antes = prevoo.prevoo(mit.ACAO_ENCERRAR, empresas, mes).novas
    _escoar(palco, antes)
    if acao == mit.ACAO_DETALHE:
        _escoar(palco, prevoo.prevoo(mit.ACAO_LISTAR, empresas, mes).novas)
    return prevoo.prevoo(acao, empresas, mes).novas


def _escoar(palco: Palco, novas: Sequence[NovaOperacao]) -> None:
    for balde in sorted({operacao.balde for operacao in motor.submeter(novas, usuario=palco.usuario).criadas}):
        execucao.drenar(balde)


def _meses(palco: Palco, empresas: Sequence[Empresa], mes: date) -> None:
    apuracoes = []
    for empresa in empresas:
        valor = str(Decimal(palco.sorteio.randrange(5_000, 900_000)) / 100)
        debitos = [{"tributo": "PisPasep", "codigo": _RECEITA + _EXTENSAO, "valor": valor}]
        apuracoes.append(
            ApuracaoMit(
                empresa=empresa,
                competencia=mes,
                cpf_responsavel="52998224725",
                debitos=debitos,
                total=mit.total(debitos),
                preparada_por=palco.usuario,
            )
        )
    ApuracaoMit.objects.bulk_create(apuracoes, batch_size=_LOTE)


def _fechar(palco: Palco, empresas: Sequence[Empresa], mes: date, *, portal: bool = False) -> None:
    """eSocial closed the month of each company; with `portal` it was transmitted too, by other hands."""
    contribuintes = [
        {
            "documento": empresa.documento,
            "dctfweb": [
                {
                    "periodo": f"{mes:%Y%m}",
                    "debitos": [{"origem": 1, "codigo": "108201", "valor": str(palco.sorteio.randrange(100, 9000))}],
                    "portal": portal,
                }
            ],
        }
        for empresa in empresas
    ]
    for inicio in range(0, len(contribuintes), _LOTE):
        palco.controle("cadastro", {"contribuintes": contribuintes[inicio : inicio + _LOTE]})


def _empresas(palco: Palco, quantas: int) -> list[Empresa]:
    credenciais, mes = ensaio.credenciais_do_palco(palco), ensaio.competencia(palco)
    municipio = Municipio.objects.exclude(codigo_tom="").order_by("pk").first()
    empresas = []
    for numero, _ in zip(palco.numeros, range(quantas), strict=False):
        doze = f"9{numero:07d}0001"
        empresa = Empresa(
            codigo=str(numero),
            documento=doze + stdnum_cnpj.calc_check_digits(doze),
            razao_social=f"Ensaio {numero:05d} Ltda",
            regime=Regime.PRESUMIDO,
            municipio=municipio,
        )
        empresa.preparar()
        empresas.append(empresa)
    Empresa.objects.bulk_create(empresas, batch_size=_LOTE)
    RegimeEmpresa.objects.bulk_create(
        [RegimeEmpresa(empresa=e, regime=Regime.PRESUMIDO, desde=mes) for e in empresas], batch_size=_LOTE
    )
    agora = timezone.now()
    Vinculo.objects.bulk_create(
        [
            Vinculo(
                empresa=empresa,
                credencial=credenciais[n % len(credenciais)],
                servicos=[Servico.DARF, Servico.DCTFWEB],
                autor=Autor.CONTRATANTE,
                gravado_por=palco.usuario,
                gravado_em=agora,
            )
            for n, empresa in enumerate(empresas)
        ],
        batch_size=_LOTE,
    )
    return empresas
