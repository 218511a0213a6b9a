"""An invented office for trying the product: users, empresas, credenciais, vínculos, two months of receitas, notes
(`demonstracao_notas`, `demonstracao_nacional`), the accounts payable (`demonstracao_pagar`), DARF, DCTFWeb and MIT
(`demonstracao_federais`) and what the Receita says (`demonstracao_receita`).

Only for the sandbox. Numbers are made from a fixed seed; document numbers have valid check digits and belong to nobody.
"""

import json
import random
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from stdnum.br import cnpj as stdnum_cnpj

from comum.auditoria import registrar
from comum.models import Adicional, Auditoria, Papel, Usuario
from comum.segredos import selar
from credentials.models import Autor, Credencial, GravacaoItem, Servico, Vinculo
from credentials.services import certificados
from empresas.calendario import somar_meses
from empresas.contexto import competencia_padrao
from empresas.models import Carteira, Cnae, Empresa, Municipio, Regime, RegimeEmpresa
from guias.models import Apuracao, HistoricoMensal, Receita
from guias.services.calculo import recalcular
from painel import (
    demonstracao_federais,
    demonstracao_mei,
    demonstracao_nacional,
    demonstracao_notas,
    demonstracao_pagar,
    demonstracao_receita,
)

SEMENTE = 2026
LOTE = 5_000
FEITA = "painel.demo"  # the audit row of a demo office that is whole
EMAIL = r"^fiscal\d+@empresa\.example$"  # by which the demo knows its own
USUARIOS = (
    ("ana", "Ana", Papel.ADMINISTRADOR),
    ("bruno", "Bruno", Papel.OPERADOR),
    ("carla", "Carla", Papel.CONSULTA),
)
CARTEIRAS = ("Fiscal A", "Fiscal B", "Fiscal C")
REGIMES = ((Regime.SIMPLES, 62), (Regime.MEI, 14), (Regime.PRESUMIDO, 14), (Regime.REAL, 7), (Regime.OUTRO, 3))
# IBGE codes of capitals and of a few smaller towns, so that lists show several UFs.
MUNICIPIOS = (
    "3550308", "3304557", "3106200", "4314902", "2927408", "5300108", "4106902", "2611606", "2304400", "5208707",
    "4205407", "3509502", "2609600", "4313409", "1302603", "1501402", "3205309", "5002704",
)  # fmt: skip
# (kind of business, PGDAS-D activity, CNAE)
RAMOS = (
    ("Padaria", 1, "4721102"), ("Mercado", 1, "4712100"), ("Livraria", 1, "4761001"), ("Papelaria", 1, "4761003"),
    ("Farmácia", 1, "4771701"), ("Móveis", 4, "3101200"), ("Confecções", 4, "1412601"), ("Clínica", 11, "8630503"),
    ("Oficina", 14, "4520001"), ("Estética", 14, "9602502"), ("Escola", 14, "8513900"), ("Sistemas", 11, "6201501"),
    ("Limpeza", 17, "8121400"), ("Consultoria", 11, "7020400"), ("Contabilidade", 14, "6920601"),
)  # fmt: skip
FATOR_R = {11}
NOMES = (
    "Aurora", "Horizonte", "Vale Verde", "Três Irmãos", "Central", "Boa Saúde", "Ipê Amarelo", "Rio Claro",
    "Nova Era", "Sabiá", "Monte Azul", "Primavera", "São Bento", "Água Viva", "Pioneira", "Atlântica", "Campo Belo",
    "Bela Vista",
)  # fmt: skip


@dataclass(frozen=True)
class Resumo:
    empresas: int
    vinculos: int
    receitas: int
    notas: int = 0


def cnpj(numero: int, *, letras: bool, ordem: str = "0001") -> str:
    """A CNPJ with valid digits whose root is made from `numero`."""
    raiz = f"{'G' if letras else '8'}{'K' if letras else '7'}{numero:06d}"
    return str(raiz + ordem + stdnum_cnpj.calc_check_digits(raiz + ordem))


def falta() -> bool:
    """Whether the demo office was never finished, in a database where nobody but its own users has a log-in."""
    alheios = Usuario.objects.exclude(username__in=[username for username, _, _ in USUARIOS])
    return not alheios.exists() and not Auditoria.objects.filter(acao=FEITA).exists()


def criar(*, empresas: int, controle: str | None) -> Resumo:
    """Bring the demo office to at least `empresas` rows; running again adds only what is missing, also what a run that
    was interrupted did not come to.

    `controle` is the base URL of the sandbox's control page, which hands out the test certificates; without it no
    credencial is made.
    """
    sorte = random.Random(SEMENTE)  # noqa: S311 - invented data, not secrets
    usuarios = _usuarios()
    Adicional.objects.filter(pk=Adicional.INTEGRA_CONTADOR).update(ativo=True)
    faltam = empresas - Empresa.objects.count()
    primeira = Empresa.objects.count() + 1
    novas = _empresas(primeira, max(faltam, 0), sorte)
    todas = Empresa.objects.filter(email_fiscal__regex=EMAIL, codigo__regex=r"^\d+$").order_by("pk")
    receitas = _receitas(_sem(todas, Receita, HistoricoMensal, Apuracao), sorte)
    vinculos = 0
    if controle:
        credenciais = _credenciais(controle)
        vinculos = _vinculos(_sem(todas, Vinculo, GravacaoItem), credenciais, usuarios[0], sorte)
        _cadastro_no_sandbox(controle, list(todas))
        demonstracao_receita.completar(
            list(todas), lambda caminho, dados: _pedir(f"{controle}/controle/api/{caminho}", dados)
        )
    vinculos += demonstracao_federais.completar(todas, usuarios[0], controle, _pedir)
    sandbox = demonstracao_notas.Sandbox(controle, _pedir) if controle else None
    notas = demonstracao_notas.completar(todas, usuarios[0], lambda numero: cnpj(numero, letras=False), sandbox)
    if sandbox is not None:
        notas += demonstracao_nacional.completar(todas, usuarios[0], lambda numero: cnpj(numero, letras=False), sandbox)
        demonstracao_pagar.completar(usuarios[0], lambda numero: cnpj(numero, letras=False), sandbox)
    registrar(usuario=None, acao=FEITA, resumo=f"Dados de demonstração: {len(novas)} empresas incluídas.")
    return Resumo(len(novas), vinculos, receitas, notas)


def _sem(empresas: QuerySet[Empresa], *modelos: type[Model]) -> list[Empresa]:
    """Those that have no row in any of the models."""
    for modelo in modelos:
        empresas = empresas.exclude(pk__in=modelo._default_manager.values("empresa"))
    return list(empresas)


@transaction.atomic
def _usuarios() -> list[Usuario]:
    carteiras = [Carteira.objects.get_or_create(nome=nome)[0] for nome in CARTEIRAS]
    usuarios = []
    for username, nome, papel in USUARIOS:
        usuario = Usuario.objects.filter(username=username).first()
        if usuario is None:
            usuario = Usuario(username=username, first_name=nome, papel=papel)
            usuario.set_password(f"guiche-demo-{username}")
            usuario.save()
            if not usuario.administra:
                carteiras[0].usuarios.add(usuario)
        usuarios.append(usuario)
    return usuarios


def _linhas(primeira: int, quantas: int, sorte: random.Random) -> Iterator[tuple[Empresa, int | None]]:
    """Unsaved empresas, each with the position of its matriz in this run (or None)."""
    carteiras = list(Carteira.objects.filter(nome__in=CARTEIRAS).order_by("nome"))
    tabela = Municipio.objects.in_bulk(MUNICIPIOS)
    municipios = [tabela[codigo] for codigo in MUNICIPIOS if codigo in tabela]
    cnaes = set(Cnae.objects.filter(pk__in=[ramo[2] for ramo in RAMOS]).values_list("pk", flat=True))
    regimes = [regime for regime, peso in REGIMES for _ in range(peso)]
    anterior: Empresa | None = None
    for posicao in range(quantas):
        numero = primeira + posicao
        ramo, _, cnae = RAMOS[numero % len(RAMOS)]
        filial_de = anterior if numero % 40 == 0 and anterior and anterior.regime == Regime.SIMPLES else None
        documento = cnpj_filial(filial_de.documento) if filial_de else cnpj(numero, letras=numero % 12 == 5)
        razao = filial_de.razao_social + " (filial)" if filial_de else f"{ramo} {sorte.choice(NOMES)} {numero:04d} Ltda"
        empresa = Empresa(
            codigo=f"{numero:04d}",
            documento=documento,
            razao_social=razao,
            regime=filial_de.regime if filial_de else sorte.choice(regimes),
            municipio=sorte.choice(municipios),
            inscricao_municipal=str(sorte.randrange(100_000, 999_999)),
            cnae_id=cnae if cnae in cnaes else None,
            email_fiscal=f"fiscal{numero:04d}@empresa.example",
            carteira=filial_de.carteira if filial_de else carteiras[(numero // 7) % 3],
            ativa=numero % 53 != 0,
        )
        empresa.preparar()
        yield empresa, posicao - 1 if filial_de else None
        anterior = empresa if filial_de is None else None


def cnpj_filial(matriz: str) -> str:
    base = matriz[:8] + "0002"
    return str(base + stdnum_cnpj.calc_check_digits(base))


@transaction.atomic
def _empresas(primeira: int, quantas: int, sorte: random.Random) -> list[Empresa]:
    pares = list(_linhas(primeira, quantas, sorte))
    empresas = [empresa for empresa, _ in pares]
    Empresa.objects.bulk_create(empresas, batch_size=LOTE)
    filiais = []
    for empresa, matriz in pares:
        if matriz is not None:
            empresa.matriz = empresas[matriz]
            filiais.append(empresa)
    Empresa.objects.bulk_update(filiais, ["matriz"], batch_size=LOTE)
    RegimeEmpresa.objects.bulk_create(
        [RegimeEmpresa(empresa=e, regime=e.regime, desde=date(2024, 1, 1)) for e in empresas], batch_size=LOTE
    )
    return empresas


@transaction.atomic
def _receitas(empresas: list[Empresa], sorte: random.Random) -> int:
    """Twelve months of history before the two competências, whose receitas by activity are kept; some are missing."""
    atual = competencia_padrao()
    receitas: list[Receita] = []
    historico: list[HistoricoMensal] = []
    paradas: list[Apuracao] = []
    for empresa in empresas:
        if empresa.regime != Regime.SIMPLES or not empresa.ativa:
            continue
        numero = int(empresa.codigo)
        atividade = RAMOS[numero % len(RAMOS)][1]
        media = Decimal(sorte.randrange(8_000, 250_000))
        folha = (media * Decimal(sorte.choice(["0.15", "0.30", "0.45"]))).quantize(Decimal("0.01"))
        if empresa.matriz_id is None:
            for recuo in range(13, 1, -1):
                valor = (media * Decimal(sorte.randrange(80, 120)) / 100).quantize(Decimal("0.01"))
                historico.append(
                    HistoricoMensal(empresa=empresa, competencia=somar_meses(atual, -recuo), interno=valor, folha=folha)
                )
            if atividade in FATOR_R:
                historico.append(HistoricoMensal(empresa=empresa, competencia=somar_meses(atual, -1), folha=folha))
        for recuo in (1, 0):
            if recuo == 0 and numero % 17 == 3:
                continue  # nobody has typed it yet
            if recuo == 0 and numero % 29 == 7 and empresa.matriz_id is None:
                paradas.append(Apuracao(empresa=empresa, competencia=atual, sem_movimento=True))
                continue
            valor = (media * Decimal(sorte.randrange(8_000, 12_000)) / 10_000).quantize(Decimal("0.01"))
            receitas.append(
                Receita(empresa=empresa, competencia=somar_meses(atual, -recuo), atividade=atividade, valor=valor)
            )
    Receita.objects.bulk_create(receitas, batch_size=LOTE)
    HistoricoMensal.objects.bulk_create(historico, batch_size=LOTE)
    Apuracao.objects.bulk_create(paradas, batch_size=LOTE)
    matrizes = [e for e in empresas if e.matriz_id is None and e.ativa and e.regime == Regime.SIMPLES]
    for recuo in (1, 0):
        recalcular(matrizes, somar_meses(atual, -recuo), None, receita_mudou=True)
    return len(receitas)


def _pedir(url: str, dados: dict[str, Any] | None = None) -> bytes:
    corpo = None if dados is None else json.dumps(dados).encode()
    pedido = urllib.request.Request(  # noqa: S310 - the sandbox's own loopback address
        url, data=corpo, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(pedido, timeout=60) as resposta:  # noqa: S310
        return bytes(resposta.read())


@transaction.atomic
def _credenciais(controle: str) -> list[Credencial]:
    """Table 102 filled with the two test contratantes of the sandbox."""
    credenciais = []
    contratantes = json.loads(_pedir(f"{controle}/controle/api/contratantes"))
    for codigo, contratante in enumerate(contratantes["contratantes"][:2], 1):
        credencial = Credencial.objects.filter(codigo=codigo).first()
        if credencial is None:
            pfx = _pedir(contratante["a1"])
            lido = certificados.ler_pfx(pfx, contratante["senha"])
            credencial = Credencial(
                codigo=codigo,
                descricao="Escritório matriz" if codigo == 1 else "Escritório filial",
                contratante=lido.documento,
                contratante_nome=lido.titular,
                certificado=certificados.guardar(pfx, contratante["senha"], lido),
                secret_trocado_em=timezone.now(),
            )
            selar(credencial, "consumer_key", contratante["consumerKey"])
            selar(credencial, "consumer_secret", contratante["consumerSecret"])
            credencial.save()
        credenciais.append(credencial)
    return credenciais


def _vinculos(empresas: list[Empresa], credenciais: list[Credencial], usuario: Usuario, sorte: random.Random) -> int:
    """Four in five empresas of the Simples and MEIs linked; the rest is left for the window to show."""
    agora = timezone.now()
    vinculos = [
        Vinculo(
            empresa=empresa,
            credencial=credenciais[1] if int(empresa.codigo) % 9 == 0 else credenciais[0],
            servicos=[
                Servico.MEI,
                Servico.PARCELAMENTOS,
                Servico.PROCURACOES,
                Servico.CAIXA_POSTAL,
                Servico.SITUACAO_FISCAL,
            ]
            if empresa.regime == Regime.MEI
            else [s for s in Servico if s != Servico.PAGAMENTOS or sorte.random() < 0.3],
            autor=Autor.CONTRATANTE,
            gravado_por=usuario,
            gravado_em=agora,
        )
        for empresa in empresas
        if empresa.ativa and empresa.regime in (Regime.SIMPLES, Regime.MEI) and int(empresa.codigo) % 5
    ]
    Vinculo.objects.bulk_create(vinculos, batch_size=LOTE)
    return len(vinculos)


def _cadastro_no_sandbox(controle: str, empresas: list[Empresa]) -> None:
    """Tell the sandbox the names, the filiais, the MEIs and the parcelamentos, as the Receita would know them."""
    filiais: dict[int, list[str]] = {}
    for empresa in empresas:
        if empresa.matriz_id is not None and empresa.ativa:
            filiais.setdefault(empresa.matriz_id, []).append(empresa.documento)
    mais = demonstracao_mei.no_sandbox(empresas)
    contribuintes = [
        {
            "documento": e.documento,
            "razao_social": e.razao_social,
            "filiais": filiais.get(e.pk, []),
            **mais.get(e.pk, {}),
        }
        for e in empresas
        if e.matriz_id is None
    ]
    for inicio in range(0, len(contribuintes), LOTE):
        _pedir(f"{controle}/controle/api/cadastro", {"contribuintes": contribuintes[inicio : inicio + LOTE]})
