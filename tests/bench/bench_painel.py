"""Server time of the first page with 10,000 empresas: the page, its filters, sorts and searches, and the file.

The office is written with the mix of a month half done: regimes as in the demo data, three months before it finished,
declarations, DAS, deliveries, payments, notas and titles in every state. Aim: 150 ms for each, right after a write as
well.
"""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Adicional, Papel, Usuario
from credentials.models import Autor, Credencial, Servico, Vinculo
from credentials.services import passos
from empresas.calendario import somar_meses
from empresas.models import Carteira, Empresa, Municipio, Regime, RegimeEmpresa
from guias.models import Apuracao, Entrega, Guia
from guias.services import mei
from nfse.models import CanalNfse, Contrato, Nota, TipoCanal
from operacoes.models import Classe, Efeito, Operacao, Situacao
from pagar.models import ContaErp, RegraTitulo, Titulo
from tests.bench.medir import medir, medir_pagina
from tests.cast import cnpj_valido
from tests.guias.apoio import credencial_falsa
from tests.nfse.apoio import criar_canal, criar_nota
from tests.nfse.fabrica import criar_contrato
from tests.pagar import fabricas

EMPRESAS, MESES, META = 10_000, 4, 0.150
REGIMES = (Regime.SIMPLES,) * 62 + (Regime.MEI,) * 14 + (Regime.PRESUMIDO,) * 14 + (Regime.REAL,) * 10

CONSULTAS = {
    "first page": "",
    "page 100": "?pagina=100",
    "search a common word": "?q=ltda",
    "search one name": "?q=005432",
    "search with nothing found": "?q=padaria+inexistente",
    "filter carteira": "?carteira={carteira}",
    "filter regime": "?regime=simples",
    "filter what needs somebody": "?estado=precisa",
    "filter one state": "?transmissao=a_transmitir",
    "two filters and a search": "?regime=simples&das=emitida&q=empresa",
    "sort by name": "?ordem=empresa",
    "sort by code, backwards": "?ordem=-codigo",
    "sort by an obrigação": "?ordem=pagamento",
}


def executar() -> list[dict[str, Any]]:
    usuario = Usuario.objects.create(username="bench", papel=Papel.ADMINISTRADOR)
    povoar(usuario, EMPRESAS)
    operador = Usuario.objects.create(username="bench-operador", papel=Papel.OPERADOR)
    operador.carteiras.set(Carteira.objects.all()[:4])
    valores = {"carteira": Carteira.objects.all()[0].pk}
    linhas = [_medir(usuario, nome, consulta.format(**valores)) for nome, consulta in CONSULTAS.items()]
    linhas += [
        _medir(usuario, f"{nome}, list only", CONSULTAS[nome], parte=True) for nome in ("first page", "page 100")
    ]
    linhas.append(_medir(operador, "first page, half of the carteiras", ""))
    cliente = Client()
    cliente.force_login(usuario)
    with medir() as medida:
        arquivo = b"".join(cliente.get(reverse("painel_exportar"), {"formato": "csv"}).streaming_content)  # type: ignore[attr-defined]
    if arquivo.count(b"\n") < EMPRESAS * 0.9:
        raise RuntimeError("the file is not whole")
    linhas.append(
        {"o_que": "painel, CSV of every empresa", "nosso_s": medida.segundos, "memoria_mb": medida.memoria_mb}
    )
    return linhas


def escrever() -> None:
    """A worker and people wrote about an empresa each, in every room: another one each time."""
    mes = somar_meses(timezone.localdate(), -1)
    n = next(_VEZES)
    for modelo in (Apuracao, Guia, Nota, Titulo, Operacao):
        do_mes = modelo.objects.filter(competencia=mes.replace(day=1)).order_by("pk")  # type: ignore[attr-defined]
        campo = "situacao" if modelo is not Guia else "problema"
        pk = do_mes.values_list("pk", flat=True)[n * 7 % 5000]
        modelo.objects.filter(pk=pk).update(**{campo: F(campo)})  # type: ignore[attr-defined]
    Empresa.objects.filter(pk=Empresa.objects.order_by("pk")[n * 11 % EMPRESAS].pk).update(nome_fantasia=f"{n}")


_VEZES = count()


def _medir(usuario: Usuario, nome: str, consulta: str, *, parte: bool = False) -> dict[str, Any]:
    cabecalhos = {"HX-Request": "true"} if parte else {}
    medida = medir_pagina(usuario, reverse("inicio") + consulta, escrever, **cabecalhos)
    medida |= {"referencia": "150 ms", "referencia_s": META, "razao": medida["nosso_s"] / META}
    return {"o_que": f"painel, {nome} (first after a write: {medida.pop('depois') * 1000:.0f} ms)", **medida}


# -- the office ------------------------------------------------------------------------------------------------------


def povoar(usuario: Usuario, quantas: int) -> None:
    """`quantas` empresas and MESES months of them, the last one half done: copies in SQL of one row of each kind."""
    Adicional.objects.update_or_create(pk=Adicional.INTEGRA_CONTADOR, defaults={"nome": "216", "ativo": True})
    empresas = _empresas(quantas)
    credencial = credencial_falsa()
    Vinculo.objects.bulk_create(
        [
            Vinculo(
                empresa=empresa, credencial=credencial, servicos=[Servico.PGDASD, Servico.DAS, Servico.MEI],
                autor=Autor.CONTRATANTE, gravado_por=usuario, gravado_em=timezone.now(),
            )
            for n, empresa in enumerate(empresas)
            if n % 20 != 5
        ],
        batch_size=5_000,
    )  # fmt: skip
    mes = somar_meses(timezone.localdate(), -1)
    modelos = _modelos(usuario, empresas[0], mes)
    for recuo in range(MESES):
        _mes(modelos, somar_meses(mes, -recuo), recuo, "true" if recuo else "false")
    _primeiros_passos_feitos(usuario)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _primeiros_passos_feitos(usuario: Usuario) -> None:
    """An office at work has them behind it."""
    for codigo in passos.CONFIRMAVEIS:
        passos.confirmar(codigo, usuario, feito=True)
    testada = {"teste_ok": True, "alterada_em": Now() - timedelta(days=1), "testada_em": Now()}
    Credencial.objects.update(**testada)
    ContaErp.objects.update(**testada)
    CanalNfse.objects.update(teste_ok=True, alterado_em=Now() - timedelta(days=1), testado_em=Now())
    RegraTitulo.objects.create(conta=ContaErp.objects.get(), origem="das", especie="DM")


def _empresas(quantas: int) -> list[Empresa]:
    carteiras = Carteira.objects.bulk_create(Carteira(nome=f"Fiscal {n}") for n in range(8))
    municipio = Municipio.objects.get(pk="2611606")
    novas = [
        Empresa(
            codigo=f"{n:06d}",
            documento=cnpj_valido(n),
            razao_social=f"Empresa {n * 7919 % 1_000_003:07d} de Bancada {n:06d} Ltda",
            regime=REGIMES[n * 37 % 100],
            municipio=municipio,
            carteira=carteiras[n % 8],
            ativa=n % 50 != 7,
        )
        for n in range(quantas)
    ]
    for empresa in novas:
        empresa.preparar()
    Empresa.objects.bulk_create(novas, batch_size=5_000)
    RegimeEmpresa.objects.bulk_create(
        [RegimeEmpresa(empresa=e, regime=e.regime, desde=date(2024, 1, 1)) for e in novas], batch_size=5_000
    )
    return novas


def _modelos(usuario: Usuario, empresa: Empresa, mes: date) -> dict[type[Any], Any]:
    """One row of each kind, of a competência that nobody looks at."""
    antes = date(2019, 1, 1)
    tributos = {str(codigo): "123.45" for codigo in range(1001, 1011)}
    apuracao = Apuracao.objects.create(
        empresa=empresa, competencia=antes, receita_total=Decimal("45000.00"), calculado=tributos,
        total_calculado=Decimal("3027.61"), explicacao=["Receita de R$ 45.000,00 no Anexo I, faixa 3."] * 12,
    )  # fmt: skip
    operacao = Operacao.objects.create(
        tipo="guias.pgdasd.transmitir", chave="modelo", acesso="credencial:1", balde="x", servico="integra_contador",
        pedido={"versao": 1, "declaracao": {"receitas": [tributos] * 8}}, efeito=Efeito.UNICO,
        classe=Classe.DECLARACAO, situacao=Situacao.CONCLUIDA, encerrada_em=timezone.now(), empresa=empresa,
        usuario=usuario, competencia=antes,
    )  # fmt: skip
    guia = Guia.objects.create(
        tipo=Guia.Tipo.DAS, empresa=empresa, apuracao=apuracao, divida="modelo", competencia=antes,
        numero="modelo", vencimento=mes, limite=mes, principal=Decimal("3027.61"), multa=0, juros=0,
        total=Decimal("3027.61"), operacao=operacao,
    )  # fmt: skip
    entrega = Entrega.objects.create(guia=guia, para="cliente@empresa.example")
    contrato = criar_contrato(empresa)
    canal = criar_canal(empresa, TipoCanal.INTEGRANOTAS)
    nota = criar_nota(canal, usuario, contrato.tomador, competencia=antes)
    Nota.objects.filter(pk=nota.pk).update(canal=canal)
    conta = fabricas.conta()
    titulo = fabricas.titulo(empresa, fabricas.fornecedor(conta), numero="0", competencia=antes, criado_por=usuario)
    Contrato.objects.filter(pk=contrato.pk).update(ativo=False)
    return {
        type(linha): linha.pk for linha in (apuracao, operacao, guia, entrega, contrato, nota, titulo)
    }  # fmt: skip


def _copiar(cursor: Any, modelo: type[Any], modelo_pk: Any, de: str, /, **colunas: str) -> None:
    """Copies of a row, one for each row of `de` (a FROM clause), with these columns computed from it."""
    campos = [campo for campo in modelo._meta.concrete_fields if not campo.generated]
    if modelo is not Contrato:
        colunas.setdefault("id", f"nextval(pg_get_serial_sequence('{modelo._meta.db_table}', 'id'))")
    valores = ", ".join(colunas.get(campo.column) or f"o.{campo.column}" for campo in campos)
    cursor.execute(
        f"INSERT INTO {modelo._meta.db_table} ({', '.join(c.column for c in campos)}) SELECT {valores}"
        f" FROM {modelo._meta.db_table} o, {de} AND o.id = %s",
        [modelo_pk],
    )


def _mes(modelos: dict[type[Any], Any], mes: date, recuo: int, pronto: str) -> None:
    """A month of every empresa: finished, or with `n % 20` saying how far each one is."""
    comp, vence = f"'{mes}'::date", f"'{somar_meses(mes, 1).replace(day=20)}'::date"
    n = "e.codigo::int"
    simples = f"empresas_empresa e WHERE e.ativa AND e.regime = 'simples' AND ({pronto} OR {n} %% 20 > 1)"
    transmitida = f"({pronto} OR {n} %% 20 > 8)"
    quando = f"({vence} - ({n} %% 18) * interval '1 day')"
    with connection.cursor() as cursor:

        def copiar(modelo: type[Any], linhas: str, /, **colunas: str) -> None:
            _copiar(cursor, modelo, modelos[modelo], linhas, **colunas)

        copiar(
            Apuracao, simples, empresa_id="e.id", competencia=comp,
            situacao=f"CASE WHEN {transmitida} THEN 'transmitida' WHEN {n} %% 20 > 6 THEN 'conferida'"
            f" WHEN {n} %% 20 > 5 THEN 'simulada' ELSE 'aberta' END",
            total_calculado=f"CASE WHEN {n} %% 20 = 2 THEN NULL ELSE ({n} * 7919 %% 900000) / 100.0 + 20 END",
            total_aprovado="1", conferida_por_id="(SELECT min(id) FROM comum_usuario)",
            total_declarado=f"CASE WHEN {transmitida} THEN ({n} * 7919 %% 900000) / 100.0 + 20 END",
            id_declaracao=f"CASE WHEN {transmitida} THEN lpad(e.id::text, 17, '0') ELSE '' END",
            transmitida_em=f"CASE WHEN {transmitida} THEN {quando} END",
        )  # fmt: skip
        feitas = f"guias_apuracao a JOIN empresas_empresa e ON e.id = a.empresa_id WHERE a.competencia = {comp}"
        situacao = (
            f"CASE WHEN {pronto} OR {n} %% 20 > 8 THEN 'concluida' WHEN {n} %% 20 = 3 THEN 'recusada'"
            f" WHEN {n} %% 20 = 4 THEN 'incerta' ELSE 'pendente' END"
        )
        copiar(
            Operacao, f"{feitas} AND ({pronto} OR {n} %% 20 > 8 OR {n} %% 20 IN (3, 4, 7))", empresa_id="e.id",
            competencia=comp, chave=f"'transmitir:' || e.id || ':{recuo}'", situacao=situacao,
            pedido="o.pedido || jsonb_build_object('apuracao', a.id)",
            encerrada_em=f"CASE WHEN {situacao} IN ('concluida', 'recusada') THEN now() END",
        )  # fmt: skip
        copiar(
            Operacao, f"{feitas} AND ({pronto} OR {n} %% 20 > 10)", empresa_id="e.id", competencia=comp,
            tipo="'guias.das.emitir'", chave=f"'das:' || e.id || ':{recuo}'",
            pedido="'{\"versao\": 1, \"via\": 1}'::jsonb || jsonb_build_object('apuracao', a.id)",
        )  # fmt: skip
        copiar(
            Operacao, f"empresas_empresa e WHERE e.ativa AND e.regime <> 'simples' AND ({pronto} OR {n} %% 20 > 8)",
            empresa_id="e.id", competencia=comp, chave=f"'guia:' || e.id || ':{recuo}'",
            tipo=f"CASE e.regime WHEN 'mei' THEN '{mei.DAS}' ELSE 'guias.outra.emitir' END",
        )  # fmt: skip
        copiar(
            Guia, "operacoes_operacao p JOIN empresas_empresa e ON e.id = p.empresa_id LEFT JOIN guias_apuracao a"
            f" ON a.empresa_id = e.id AND a.competencia = p.competencia WHERE p.competencia = {comp}"
            f" AND p.situacao = 'concluida' AND p.tipo IN ('guias.das.emitir', 'guias.outra.emitir', '{mei.DAS}')",
            empresa_id="e.id", apuracao_id="a.id", operacao_id="p.id", competencia=comp, numero="'n' || p.id",
            divida=f"CASE WHEN e.regime = 'mei' THEN 'mei:' || e.id || ':{mes:%Y%m}' WHEN a.id IS NULL"
            " THEN 'outra:' || p.id ELSE 'pgdasd:' || a.id END",
            tipo="CASE e.regime WHEN 'simples' THEN 'das' WHEN 'mei' THEN 'das_mei' ELSE 'darf' END",
            vencimento=vence, limite=f"{vence} - CASE WHEN {n} %% 20 = 19 THEN 20 ELSE 0 END",
            total=f"({n} * 7919 %% 900000) / 100.0 + 20", emitida_em=f"{quando} + interval '1 hour'",
            paga_em=f"CASE WHEN {pronto} OR {n} %% 20 > 16 AND {n} %% 20 < 19 THEN {vence} - 2 END",
            valor_pago="100", problema=f"CASE WHEN {n} %% 400 = 12 THEN 'O valor do PDF é outro.' ELSE '' END",
        )  # fmt: skip
        copiar(
            Entrega, f"guias_guia g JOIN empresas_empresa e ON e.id = g.empresa_id WHERE g.competencia = {comp}"
            f" AND ({pronto} OR {n} %% 20 > 12)", guia_id="g.id", enviada_em=f"{quando} + interval '2 hour'",
            lida_em=f"CASE WHEN {n} %% 20 > 14 THEN {quando} + interval '20 hour' END",
        )  # fmt: skip
        if recuo == 0:
            copiar(
                Contrato, f"empresas_empresa e WHERE e.ativa AND {n} %% 4 = 0", id="gen_random_uuid()",
                empresa_id="e.id", ativo="true", de="'2020-01-01'::date", ate="NULL::date",
            )  # fmt: skip
        copiar(
            Nota, f"empresas_empresa e, generate_series(1, 3) AS k WHERE e.ativa AND {n} %% 3 = 0 AND"
            f" ({pronto} OR {n} %% 9 > 0)", empresa_id="e.id", competencia=comp,
            marca=f"substr(md5('{recuo}' || e.id || ' ' || k), 1, 16)", numero=f"100000 + e.id * 50 + k * 5 + {recuo}",
            numero_nfse="(1000 + k)::text", chave=f"'c' || e.id || '-' || k || '-{recuo}'",
            situacao=f"CASE WHEN {n} %% 20 = 6 AND NOT {pronto} THEN 'recusada' WHEN {n} %% 20 = 9 AND NOT {pronto}"
            " THEN 'emitindo' ELSE 'autorizada' END",
        )  # fmt: skip
        copiar(
            Titulo, f"guias_guia g JOIN empresas_empresa e ON e.id = g.empresa_id WHERE g.competencia = {comp}"
            f" AND {n} %% 20 > 13", empresa_id="e.id", guia_id="g.id", competencia=comp, chave="'g' || g.id",
            situacao=f"CASE WHEN {n} %% 20 = 14 THEN 'rascunho' WHEN {n} %% 20 = 15 THEN 'recusado' WHEN {n} %% 20 < 18"
            " THEN 'aberto' ELSE 'liquidado' END",
        )  # fmt: skip
