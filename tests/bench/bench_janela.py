"""*Avançar* with 10,000 changes against the same rows in bare SQL, and the window over 100,000 vínculos."""

import statistics
import time
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from comum.models import Adicional, Papel, Usuario
from credentials.models import Credencial, ItemRascunho, Rascunho, Servico, Vinculo
from credentials.services import avancar, rascunho
from credentials.services.rascunho import Configuracao, Mudancas
from empresas.models import Carteira, Empresa, Municipio, Regime
from empresas.models.cadastro import texto_de_busca
from tests.bench.medir import escrever, medir
from tests.cast import cnpj_valido

MUDANCAS = 10_000
GRANDE = 100_000
CONFIGURACAO = Configuracao((Servico.PGDASD.value, Servico.DAS.value))


def _usuario(nome: str, papel: Papel) -> Usuario:
    return Usuario.objects.create(username=nome, papel=papel)


def _empresas(primeira: int, quantas: int, carteiras: list[Carteira]) -> list[int]:
    municipios = list(Municipio.objects.order_by("pk").values_list("pk", flat=True)[:500])
    regimes = [r.value for r in Regime]
    novas = []
    for n in range(primeira, primeira + quantas):
        documento, razao = cnpj_valido(n), f"Empresa {n * 7919 % 1_000_003:07d} de Bancada Ltda"
        busca, ordem = texto_de_busca(f"{n:06d}", documento, razao, "")
        novas.append(
            Empresa(
                codigo=f"{n:06d}",
                documento=documento,
                razao_social=razao,
                regime=regimes[n % 5],
                municipio_id=municipios[n % len(municipios)],
                carteira=carteiras[n % len(carteiras)],
                busca=busca,
                ordem=ordem,
            )
        )
    return [empresa.pk for empresa in Empresa.objects.bulk_create(novas, batch_size=5_000)]


def _vincular(credencial: Credencial, usuario: Usuario, pks: list[int]) -> None:
    agora = timezone.now()
    Vinculo.objects.bulk_create(
        [
            Vinculo(
                empresa_id=pk,
                credencial=credencial,
                servicos=list(CONFIGURACAO.servicos),
                gravado_por=usuario,
                gravado_em=agora,
            )
            for pk in pks
        ],
        batch_size=5_000,
    )


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE empresas_empresa, credentials_vinculo, credentials_itemrascunho")


def _bruto(credencial: Credencial, usuario: Usuario, partes: list[list[int]]) -> None:
    """The same vínculos written by hand: no draft, no check, no history, no audit."""
    novas, mudam, saem = partes
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM credentials_vinculo WHERE credencial_id = %s AND empresa_id = ANY(%s)", [credencial.pk, saem]
        )
        cursor.execute(
            "UPDATE credentials_vinculo SET servicos = servicos || '{mei}', versao = 1, gravado_por_id = %s, "
            "gravado_em = now() WHERE credencial_id = %s AND empresa_id = ANY(%s)",
            [usuario.pk, credencial.pk, mudam],
        )
        cursor.execute(
            "INSERT INTO credentials_vinculo (empresa_id, credencial_id, servicos, autor, procurador, observacao, "
            "versao, gravado_por_id, gravado_em) "
            "SELECT id, %s, '{pgdasd,das}', 'contratante', '', '', 1, %s, now() FROM unnest(%s) AS id",
            [credencial.pk, usuario.pk, novas],
        )


def _rascunhar(credencial: Credencial, usuario: Usuario, partes: list[list[int]]) -> None:
    novas, mudam, saem = partes
    rascunho.incluir(usuario=usuario, credencial=credencial, configuracoes=dict.fromkeys(novas, CONFIGURACAO))
    rascunho.alterar(
        usuario=usuario,
        credencial=credencial,
        mudancas=dict.fromkeys(mudam, Mudancas(mais=(Servico.MEI.value,))),
    )
    rascunho.excluir(usuario=usuario, credencial=credencial, empresas=Empresa.objects.filter(pk__in=saem))


def _avancar(carteiras: list[Carteira], operador: Usuario) -> list[dict[str, Any]]:
    """Half included, a quarter changed, a quarter excluded; three rounds each, the middle one counts."""
    nossas, brutas, memorias, rascunhos = [], [], [], []
    for rodada in range(3):
        pares = []
        for lado in range(2):
            pks = _empresas(200_000 + (rodada * 2 + lado) * MUDANCAS, MUDANCAS, carteiras)
            credencial = Credencial.objects.create(codigo=100 + rodada * 2 + lado, descricao="Bancada")
            partes = [pks[: MUDANCAS // 2], pks[MUDANCAS // 2 : 3 * MUDANCAS // 4], pks[3 * MUDANCAS // 4 :]]
            _vincular(credencial, operador, partes[1] + partes[2])
            pares.append((credencial, partes))
        with medir() as rascunhada:
            _rascunhar(pares[0][0], operador, pares[0][1])
        _analyze()
        with medir() as nossa:
            avancar.avancar(usuario=operador, credencial=pares[0][0])
        with medir() as bruta:
            _bruto(pares[1][0], operador, pares[1][1])
        rascunhos.append(rascunhada.segundos)
        nossas.append(nossa.segundos)
        brutas.append(bruta.segundos)
        memorias.append(nossa.memoria_mb or 0.0)
    nossa_s, bruta_s = statistics.median(nossas), statistics.median(brutas)
    return [
        {
            "o_que": f"Avançar {MUDANCAS} changes (operador)",
            "nosso_s": nossa_s,
            "referencia": "same rows in bare SQL",
            "referencia_s": bruta_s,
            "razao": nossa_s / bruta_s,
            "memoria_mb": max(memorias),
        },
        {"o_que": f"putting {MUDANCAS} changes into the draft", "nosso_s": statistics.median(rascunhos)},
    ]


PAGINAS = (
    "", "?pagina=2", "?pagina=1000", "?pagina=2000", "?q=bancada+0123", "?q=90.01", "?ordem=-razao", "?ordem=codigo",
    "?ordem=documento&pagina=30", "?ordem=regime", "?ordem=municipio&pagina=5", "?regime=simples", "?uf=AC",
    "?servico=das", "?edicao=todas", "?autor=procurador",
)  # fmt: skip


def _pagina(usuario: Usuario, url: str, o_que: str, paginas: tuple[str, ...]) -> list[dict[str, Any]]:
    cliente = Client()
    cliente.force_login(usuario)
    cliente.get(url)
    por_pagina: list[tuple[float, float, str]] = []
    with medir() as medida:
        for consulta in paginas:
            tempos: dict[bool, list[float]] = {False: [], True: []}
            for vez in range(10):
                escrita = vez % 2 == 0
                if escrita:
                    escrever()
                inicio = time.perf_counter()
                resposta = cliente.get(url + consulta, headers={"HX-Request": "true"})
                tempos[escrita].append(time.perf_counter() - inicio)
                if resposta.status_code != 200:
                    raise RuntimeError(f"{url}{consulta}: HTTP {resposta.status_code}")
            por_pagina.append((statistics.median(tempos[False]), statistics.median(tempos[True]), consulta))
    mediana = statistics.median(tempo for tempo, _, _ in por_pagina)
    depois = statistics.median(tempo for _, tempo, _ in por_pagina)
    pior, _, consulta = max(por_pagina)
    return [
        {
            "o_que": f"{o_que}, median page (first after a write {depois * 1000:.0f} ms, slowest {pior * 1000:.0f} ms:"
            f" {consulta or 'first'})",
            "nosso_s": mediana,
            "referencia": "aim",
            "referencia_s": 0.05,
            "razao": mediana / 0.05,
            "memoria_mb": medida.memoria_mb,
        }
    ]


def executar() -> list[dict[str, Any]]:
    Adicional.objects.update_or_create(pk=216, defaults={"nome": "API Integra Contador", "ativo": True})
    carteiras = [Carteira.objects.create(nome=f"Bancada {n}") for n in range(10)]
    ana, bruno = _usuario("ana", Papel.ADMINISTRADOR), _usuario("bruno", Papel.OPERADOR)
    for carteira in carteiras:
        carteira.usuarios.add(bruno)
    linhas = _avancar(carteiras, bruno)
    grande = Credencial.objects.create(codigo=1, descricao="Grande")
    _vincular(grande, ana, _empresas(1, GRANDE, carteiras))
    _empresas(150_000, 20_000, carteiras)
    for usuario in (ana, bruno):
        meu = Rascunho.objects.create(usuario=usuario, credencial=grande, credencial_versao=1)
        ItemRascunho.objects.bulk_create(
            ItemRascunho(rascunho=meu, empresa_id=pk, acao="excluir", versao_base=0, servicos=["das"])
            for pk in Vinculo.objects.filter(credencial=grande).values_list("empresa", flat=True)[:1000]
        )
    _analyze()
    for usuario, quem in ((ana, "administrador"), (bruno, "operador")):
        linhas += _pagina(usuario, "/integra-contador/1/", f"window with {GRANDE} vínculos ({quem})", PAGINAS)
        linhas += _pagina(
            usuario,
            "/integra-contador/1/incluir/varias/",
            f"multiple inclusion over {GRANDE + 80_000} ({quem})",
            PAGINAS[:13],
        )
    return linhas
