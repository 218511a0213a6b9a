"""Use-cases of the register of empresas: create, alter, group and switch off, each with its audit row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from comum import auditoria
from comum.documentos import eh_cnpj
from comum.formatos import format_data
from comum.models import Usuario
from comum.mudancas import diferencas
from empresas import campos
from empresas.models import Carteira, Empresa, Regime, RegimeEmpresa
from empresas.models.cadastro import EmpresaQuerySet
from empresas.sinais import CAMPOS_FISCAIS, cadastro_mudou

# What a person fills in; the regime has its own history.
CAMPOS = (
    "codigo",
    "documento",
    "razao_social",
    "nome_fantasia",
    "municipio",
    "inscricao_municipal",
    "cnae",
    "matriz",
    "email_fiscal",
    "carteira",
    "inicio_atividade",
    "ativa",
)


class CadastroRecusado(Exception):
    """The change breaks a rule of the register; `mensagem` (pt-BR) says what and what next, `campo` where."""

    def __init__(self, campo: str, mensagem: str) -> None:
        super().__init__(mensagem)
        self.campo = campo
        self.mensagem = mensagem


@dataclass(frozen=True)
class Regra:
    """The regime of an empresa from a date on."""

    regime: str
    desde: date

    def __str__(self) -> str:
        return f"{Regime(self.regime).label} desde {format_data(self.desde)}"


def regime_vigente(regimes: Sequence[Regra], quando: date) -> str:
    """The regime in force on a date; before the first one known, the first one."""
    ordenados = sorted(regimes, key=lambda regra: regra.desde)
    return [regra.regime for regra in ordenados if regra.desde <= quando or regra is ordenados[0]][-1]


def desde_padrao(hoje: date) -> date:
    """From when the regime of a new empresa counts when nobody says: 1 January of the year of last month's competência,
    because that competência is the one about to be worked on and the option for a regime is yearly."""
    return date(hoje.year - (hoje.month == 1), 1, 1)


def matriz_proposta(documento: str) -> Empresa | None:
    """The matriz of a filial by its number: the one empresa of the same root whose order is 0001. A CNPJ with letters
    promises nothing by its order, so none is proposed for it."""
    if not eh_cnpj(documento) or not documento.isdecimal() or documento[8:12] == "0001":
        return None
    return Empresa.objects.filter(raiz=documento[:8], documento__regex=r"^.{8}0001", matriz=None).first()


@transaction.atomic
def salvar_empresa(*, empresa: Empresa, regimes: Sequence[Regra], usuario: Usuario | None) -> Empresa:
    """Create or alter one empresa and its whole history of regimes, with one audit row (none when nothing changed).

    Raises CadastroRecusado for a rule of several fields; the rules of one field are the form's.
    """
    if not regimes:
        raise CadastroRecusado("regime", "Informe o regime e a data desde quando ele vale.")
    for regra in regimes:
        if recusa := campos.regime_do_documento(empresa.documento, regra.regime):
            raise CadastroRecusado("regime", recusa.mensagem)
    _conferir_matriz(empresa)
    antes = Empresa.objects.select_for_update().get(pk=empresa.pk) if empresa.pk else None
    if antes and antes.documento != empresa.documento:
        raise CadastroRecusado("documento", "O CNPJ ou CPF não muda depois do cadastro: os registros fiscais são dele.")
    mudancas = diferencas(antes, empresa, CAMPOS)
    antigos = {Regra(r.regime, r.desde) for r in empresa.regimes.all()} if antes else set()
    if antigos != set(regimes):
        mudancas["regime"] = [_regimes_em_palavras(antigos), _regimes_em_palavras(regimes)]
    if antes and not mudancas:
        return empresa
    empresa.regime = regime_vigente(regimes, timezone.localdate())
    _gravar(empresa)
    _gravar_regimes(empresa, antigos, set(regimes))
    if fiscais := CAMPOS_FISCAIS & mudancas.keys():
        ids = {empresa.pk, empresa.matriz_id, antes.matriz_id if antes else None} - {None}
        cadastro_mudou.send(Empresa, ids=ids, campos=fiscais)
    auditoria.registrar(
        usuario=usuario,
        acao="empresas.alterar" if antes else "empresas.incluir",
        resumo=f"{'Alterada' if antes else 'Incluída'} a empresa {empresa}",
        objeto=empresa,
        dados={"campos": mudancas},
    )
    return empresa


def _gravar(empresa: Empresa) -> None:
    try:
        with transaction.atomic():
            empresa.save()
    except IntegrityError as erro:  # someone was faster than the check of the form
        if "empresa_codigo_unico" in str(erro):
            raise CadastroRecusado("codigo", campos.codigo_tomado(None)) from erro
        if "documento" in str(erro):
            raise CadastroRecusado("documento", "Já cadastrada agora há pouco por outra pessoa.") from erro
        raise


def _conferir_matriz(empresa: Empresa) -> None:
    matriz = empresa.matriz
    if matriz is None:
        return
    if not (eh_cnpj(empresa.documento) and eh_cnpj(matriz.documento)):
        raise CadastroRecusado("matriz", "Só CNPJ tem matriz. Apague a matriz ou corrija o documento.")
    if matriz.documento[:8] != empresa.documento[:8]:
        raise CadastroRecusado(
            "matriz", f"{matriz} tem outra raiz de CNPJ. Matriz e filial têm as 8 primeiras posições iguais."
        )
    if matriz.matriz_id or matriz.pk == empresa.pk:
        raise CadastroRecusado("matriz", f"{matriz} é filial. Escolha a matriz, ou deixe em branco.")
    if empresa.pk and empresa.filiais.exists():
        raise CadastroRecusado("matriz", "Esta empresa tem filiais, então é matriz. Deixe o campo matriz em branco.")


def _regimes_em_palavras(regimes: Sequence[Regra] | set[Regra]) -> str:
    return "; ".join(str(regra) for regra in sorted(regimes, key=lambda regra: regra.desde))


def _gravar_regimes(empresa: Empresa, antigos: set[Regra], novos: set[Regra]) -> None:
    datas = {regra.desde for regra in antigos} - {regra.desde for regra in novos}
    empresa.regimes.filter(desde__in=datas).delete()
    RegimeEmpresa.objects.bulk_create(
        [RegimeEmpresa(empresa=empresa, regime=r.regime, desde=r.desde) for r in sorted(novos, key=lambda r: r.desde)],
        update_conflicts=True,
        unique_fields=["empresa", "desde"],
        update_fields=["regime"],
    )


def atualizar_regimes(hoje: date | None = None) -> int:
    """Bring Empresa.regime to the one in force today; returns how many empresas changed. Cheap to repeat."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE empresas_empresa e SET regime = r.regime
              FROM (SELECT DISTINCT ON (empresa_id) empresa_id, regime FROM empresas_regimeempresa
                     WHERE desde <= %s ORDER BY empresa_id, desde DESC) r
             WHERE r.empresa_id = e.id AND e.regime <> r.regime
            """,
            [hoje or timezone.localdate()],
        )
        return int(cursor.rowcount)


@transaction.atomic
def mudar_carteira(empresas: EmpresaQuerySet, carteira: Carteira | None, usuario: Usuario) -> int:
    """Move empresas to a carteira (None takes them out of any); returns how many moved. One audit row."""
    alvo = f"para a carteira {carteira}" if carteira else "para fora das carteiras"
    pk = carteira.pk if carteira else None
    ja_estao = models.Q(carteira=None) if pk is None else models.Q(carteira_id=pk)
    return _mudar(empresas.exclude(ja_estao), {"carteira_id": pk}, "empresas.mudar_carteira", alvo, usuario)


@transaction.atomic
def ativar(empresas: EmpresaQuerySet, ativa: bool, usuario: Usuario) -> int:
    """Switch empresas on or off; returns how many changed. One audit row."""
    palavra = "ativadas" if ativa else "inativadas"
    return _mudar(empresas.filter(ativa=not ativa), {"ativa": ativa}, "empresas.ativar", palavra, usuario)


def _mudar(empresas: EmpresaQuerySet, valores: Mapping[str, Any], acao: str, dito: str, usuario: Usuario) -> int:
    ids = list(empresas.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    if not ids:
        return 0
    Empresa.objects.filter(pk__in=ids).update(**valores, alterada_em=timezone.now())
    if fiscais := CAMPOS_FISCAIS & valores.keys():
        cadastro_mudou.send(Empresa, ids=ids, campos=fiscais)
    auditoria.registrar(
        usuario=usuario,
        acao=acao,
        resumo=f"{len(ids)} empresa{'s' if len(ids) > 1 else ''} {dito}",
        dados={"valores": dict(valores), "empresas": ids},
    )
    return len(ids)
