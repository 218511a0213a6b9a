"""Import of empresas: ours (check, then import) against django-import-export doing the same work, and against a bare
COPY and merge of the same rows with no checks."""

import csv
import io
from datetime import date
from typing import Any, ClassVar

import tablib  # type: ignore[import-untyped]
from django.db import connection, transaction
from import_export import fields, resources, widgets
from import_export.instance_loaders import CachedInstanceLoader

from comum.documentos import Invalido, documento
from comum.formatos import normalizar
from comum.models import Papel, Usuario
from empresas.campos import ler_regime
from empresas.importacao import base
from empresas.models import Carteira, Cnae, Empresa, Importacao, Municipio, RegimeEmpresa
from empresas.models.cadastro import texto_de_busca
from tests.banco import esvaziar
from tests.bench.medir import Medida, medir
from tests.cast import cnpj_valido

AMOSTRAS = (500, 2000)  # lines for the two references; their time grows with the lines
CABECALHO = [
    "código",
    "CNPJ ou CPF",
    "razão social",
    "nome fantasia",
    "regime",
    "UF",
    "município",
    "inscrição municipal",
    "CNAE",
    "e-mail",
    "carteira",
    "ativa",
]
REGIMES = ["Simples Nacional", "MEI", "Lucro Presumido", "Lucro Real"]


def linhas_de_empresas(quantas: int) -> list[list[str]]:
    municipios = list(Municipio.objects.exclude(pk="0000000").values_list("uf", "nome")[:400])
    cnaes = list(Cnae.objects.values_list("pk", flat=True)[:300])
    return [
        [
            f"{n:06d}",
            cnpj_valido(n, letras=n % 10 == 0),
            f"Empresa Inventada São João {n:06d} Comércio e Serviços Ltda",
            f"Loja {n}" if n % 3 else "",
            REGIMES[n % 4],
            *municipios[n % len(municipios)],
            str(n),
            cnaes[n % len(cnaes)],
            f"fiscal{n}@empresa{n % 50}.com.br",
            f"Fiscal {n % 8}",
            "S" if n % 50 else "N",
        ]
        for n in range(quantas)
    ]


def _csv(linhas: list[list[str]]) -> bytes:
    saida = io.StringIO(newline="")
    csv.writer(saida, delimiter=";").writerows([CABECALHO, *linhas])
    return saida.getvalue().encode()


def _limpar() -> None:
    esvaziar("empresas_regimeempresa", "empresas_empresa", "empresas_importacao")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE empresas_empresa")


def _nosso(usuario: Usuario, conteudo: bytes) -> tuple[Medida, Medida]:
    with medir() as conferencia:
        importacao = base.receber(
            tipo="empresas", usuario=usuario, nome_arquivo="bench.csv", conteudo=conteudo, agendar=False
        )
        base.conferir(importacao.pk)
    with medir() as importacao_medida:
        base.pedir_importar(importacao, agendar=False)
        base.importar(importacao.pk)
    estado = Importacao.objects.get(pk=importacao.pk)
    if estado.situacao != Importacao.Situacao.IMPORTADA:
        raise RuntimeError(estado.mensagem)
    return conferencia, importacao_medida


class _Regime(fields.Field):
    def clean(self, row: Any, **kwargs: Any) -> str:
        regime = ler_regime(row["regime"])
        if isinstance(regime, Invalido):
            raise ValueError(regime.mensagem)
        return regime


class _Documento(fields.Field):
    def clean(self, row: Any, **kwargs: Any) -> str:
        doc = documento(row["CNPJ ou CPF"])
        if isinstance(doc, Invalido):
            raise ValueError(doc.mensagem)
        return doc


class _Municipio(fields.Field):
    # Of the class, not of the instance: the library copies every field of a resource for each import.
    por_nome: ClassVar[dict[tuple[str, str], Municipio]] = {}

    def clean(self, row: Any, **kwargs: Any) -> Municipio:
        return self.por_nome[row["município"], row["UF"]]


class _SemValidar(resources.ModelResource):
    """The same columns, search text and regime rows, with the library's bulk mode and cached loader."""

    codigo = fields.Field(attribute="codigo", column_name="código")
    documento = _Documento(attribute="documento", column_name="CNPJ ou CPF")
    razao_social = fields.Field(attribute="razao_social", column_name="razão social")
    nome_fantasia = fields.Field(attribute="nome_fantasia", column_name="nome fantasia")
    regime = _Regime(attribute="regime", column_name="regime")
    municipio = _Municipio(attribute="municipio", column_name="município")
    inscricao_municipal = fields.Field(attribute="inscricao_municipal", column_name="inscrição municipal")
    cnae = fields.Field(attribute="cnae_id", column_name="CNAE")
    email_fiscal = fields.Field(attribute="email_fiscal", column_name="e-mail")
    carteira = fields.Field(
        attribute="carteira", column_name="carteira", widget=widgets.CachedForeignKeyWidget(Carteira, "nome")
    )
    ativa = fields.Field(attribute="ativa", column_name="ativa", widget=widgets.BooleanWidget())

    class Meta:
        model = Empresa
        import_id_fields = ["documento"]
        instance_loader_class = CachedInstanceLoader
        use_bulk = True
        batch_size = 1000
        skip_unchanged = True
        report_skipped = False
        skip_diff = True
        skip_html_diff = True

    def before_save_instance(self, instance: Empresa, row: Any, **kwargs: Any) -> None:
        instance.busca, instance.ordem = texto_de_busca(
            instance.codigo, instance.documento, instance.razao_social, instance.nome_fantasia
        )
        instance.lugar = f"{instance.municipio.busca} {instance.municipio.uf.lower()}" if instance.municipio else ""

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        RegimeEmpresa.objects.bulk_create(
            [
                RegimeEmpresa(empresa_id=pk, regime=regime, desde=date(2026, 1, 1))
                for pk, regime in Empresa.objects.filter(regimes=None).values_list("pk", "regime")
            ]
        )


class _Validando(_SemValidar):
    """The same work: also refuses a bad e-mail, a long name, a código already taken, by the library's own way."""

    class Meta(_SemValidar.Meta):
        clean_model_instances = True


def _django_import_export(recurso: type[_SemValidar], linhas: list[list[str]]) -> Medida:
    dados = tablib.Dataset(*linhas, headers=CABECALHO)
    with medir() as medida:
        for ensaio in (True, False):
            resultado = recurso().import_data(
                dados, dry_run=ensaio, use_transactions=True, raise_errors=True, collect_failed_rows=False
            )
    if resultado.has_errors() or Empresa.objects.count() != len(linhas):
        raise RuntimeError("django-import-export did not import every row")
    return medida


def _copy_e_merge(linhas: list[list[str]]) -> Medida:
    """The least the database must do: COPY into a temporary table, merge, regimes. Values come ready."""
    carteiras = dict(Carteira.objects.values_list("nome", "pk"))
    municipios = {(uf, nome): pk for pk, uf, nome in Municipio.objects.values_list("pk", "uf", "nome")}
    prontas = []
    for codigo, doc, razao, fantasia, regime, uf, municipio, im, cnae, email, carteira, ativa in linhas:
        busca, ordem = texto_de_busca(codigo, doc, razao, fantasia)
        prontas.append(
            f"{codigo}\t{doc}\t{razao}\t{fantasia}\t{ler_regime(regime)}\t"
            f"{municipios[uf, municipio]}\t{im}\t{cnae}\t{email}\t"
            f"{carteiras[carteira]}\t{ativa == 'S'}\t{busca}\t{ordem}\t{normalizar(municipio)} {uf.lower()}\n"
        )
    texto = "".join(prontas)
    colunas = (
        "codigo, documento, razao_social, nome_fantasia, regime, municipio_id, inscricao_municipal, cnae_id, "
        "email_fiscal, carteira_id, ativa, busca, ordem, lugar"
    )
    with medir() as medida, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE crua ON COMMIT DROP AS SELECT {colunas} FROM empresas_empresa WITH NO DATA"
        )
        with cursor.copy(f"COPY crua ({colunas}) FROM STDIN") as copia:
            copia.write(texto)
        cursor.execute(
            f"WITH novas AS (INSERT INTO empresas_empresa ({colunas}, criada_em, alterada_em) "
            f"SELECT {colunas}, now(), now() FROM crua ON CONFLICT (documento) DO UPDATE SET "
            + ", ".join(f"{c} = excluded.{c}" for c in colunas.split(", ") if c != "documento")
            + " RETURNING id, regime) INSERT INTO empresas_regimeempresa (empresa_id, regime, desde) "
            "SELECT id, regime, '2026-01-01' FROM novas"
        )
    return medida


def executar(linhas: int = 100_000) -> list[dict[str, Any]]:
    usuario = Usuario.objects.create(username="bench", papel=Papel.ADMINISTRADOR)
    Carteira.objects.bulk_create(Carteira(nome=f"Fiscal {n}") for n in range(8))
    dados = linhas_de_empresas(linhas)
    conteudo = _csv(dados)
    _limpar()
    conferencia, importacao = _nosso(usuario, conteudo)
    de_novo = _nosso_sem_mudanca(usuario, conteudo)
    _limpar()
    crua = _copy_e_merge(dados)
    _limpar()
    esperado = []
    _Municipio.por_nome.update({(m.nome, m.uf): m for m in Municipio.objects.all()})
    for recurso, amostra in zip((_Validando, _SemValidar), AMOSTRAS, strict=True):
        esperado.append(_django_import_export(recurso, dados[:amostra]).segundos * linhas / amostra)
        _limpar()
    total = conferencia.segundos + importacao.segundos
    memoria = max(conferencia.memoria_mb or 0, importacao.memoria_mb or 0)
    nome = f"{linhas:,} empresas"
    return [
        _linha(
            f"import {nome}: check, import", total, memoria, f"django-import-export (from {AMOSTRAS[0]:,})", esperado[0]
        ),
        _linha(
            f"import {nome}: check, import", total, memoria, f"same, unvalidated (from {AMOSTRAS[1]:,})", esperado[1]
        ),
        _linha(f"import {nome}: import only", importacao.segundos, memoria, "bare COPY and merge", crua.segundos),
        _linha(f"check {nome}, all new", conferencia.segundos, conferencia.memoria_mb),
        _linha(f"check {nome}, all equal", de_novo.segundos, de_novo.memoria_mb),
    ]


def _nosso_sem_mudanca(usuario: Usuario, conteudo: bytes) -> Medida:
    with medir() as medida:
        importacao = base.receber(
            tipo="empresas", usuario=usuario, nome_arquivo="bench.csv", conteudo=conteudo, agendar=False
        )
        base.conferir(importacao.pk)
    return medida


def _linha(
    o_que: str, segundos: float, memoria: float | None, referencia: str = "", referencia_s: float | None = None
) -> dict[str, Any]:
    return {
        "o_que": o_que,
        "nosso_s": segundos,
        "referencia": referencia,
        "referencia_s": referencia_s,
        "razao": segundos / referencia_s if referencia_s else None,
        "memoria_mb": memoria,
    }
