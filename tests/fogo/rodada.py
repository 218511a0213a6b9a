"""One run: the intents, the faults, the wait until everything is settled, the comparison."""

import contextlib
import itertools
import json
import logging
import queue
import random
import secrets
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.core.management import call_command
from django.db import Error as ErroDoBanco
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.types import JSONDict

from comum.models import Papel, Usuario
from operacoes import motor
from operacoes.ensaio import Palco, PelaTela
from operacoes.fila import DRENAR, FILA
from operacoes.handlers import handler_de, todos
from operacoes.models import Classe, Efeito, Operacao, Pausa, Processamento, Situacao, Trabalhador
from operacoes.motor import NovaOperacao
from tests.fogo import plano
from tests.fogo.cena import Cena, Controle, Pessoa
from tests.fogo.conferencia import Linha, acima_do_limite, comparar, demais, ler_registros
from tests.fogo.plano import Evento, Medidas, Regra

EM_CURSO = (Situacao.PENDENTE, Situacao.ENVIANDO, Situacao.ACEITA, Situacao.INCERTA)
_PESOS = {Classe.EMISSAO: 2, Classe.DECLARACAO: 2}  # an unico weighs most
# What a person does about a refusal, and about a document in doubt: another one only costs another call.
_ATOS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    Situacao.RECUSADA: ("operacoes:repetir_uma", []),
    Situacao.AGUARDA_PESSOA: ("operacoes:resolver", [("motivo", "Peço outro documento.")]),
}
_MAOS = 2  # people who ask for things at the screens
_TARDIOS_S = 3600
_VOLTA_S = 180.0  # how long a person comes back to what is not there
PELA_TELA = 3  # one group in so many is asked for at the screens


def insistir[T](funcao: Callable[[], T], segundos: float = 120) -> T:
    """A statement of ours while the database may be away. What it does must be safe to repeat."""
    limite = time.monotonic() + segundos
    while True:
        try:
            return funcao()
        except (ErroDoBanco, ConnectorException):
            with contextlib.suppress(ErroDoBanco):
                connection.close()
            if time.monotonic() > limite:
                raise
            time.sleep(0.3)


def regras_do_servico(semente: int, novas: Sequence[NovaOperacao], medidas: Medidas) -> list[Regra]:
    """The faults that the calls about these intents, and those that serve them, will meet."""
    com_efeito: dict[tuple[str, tuple[tuple[str, str], ...]], bool] = {}
    for nova in novas:
        handler = handler_de(nova.tipo)
        servico = handler.no_sandbox.servico or handler.servico
        alvo = servico, tuple(sorted(handler.no_sandbox.alvo(nova.pedido).items()))
        com_efeito[alvo] = com_efeito.get(alvo, False) or bool(handler.efeito_no_livro)
        for campos in handler.no_sandbox.perto(nova):
            com_efeito.setdefault((servico, tuple(sorted(campos.items()))), False)
    return [
        regra
        for (servico, alvo), efeito in sorted(com_efeito.items())
        for regra in plano.regras_do_alvo(semente, servico, dict(alvo), medidas, com_efeito=efeito)
    ]


@dataclass
class Resultado:
    linhas: list[Linha]
    falhas: Counter[str]
    planejados: list[Evento]
    feitos: list[Evento]
    notas: list[str] = field(default_factory=list)
    problemas: list[str] = field(default_factory=list)
    segundos: float = 0.0

    @property
    def passou(self) -> bool:
        return not self.problemas and not any(linha.mal for linha in self.linhas)


class Rodada:
    def __init__(
        self,
        cena: Cena,
        controle: Controle,
        medidas: Medidas,
        semente: int,
        minutos: float,
        hoje: date,
        so: str = "",
    ) -> None:
        self.cena, self.controle, self.medidas, self.semente = cena, controle, medidas, semente
        self.minutos, self.hoje, self.so = minutos, hoje, so
        self._trabalhadores = [cena.trabalhador(qual) for qual in range(medidas.trabalhadores)]
        self._travas = {maquina: threading.Lock() for maquina in ["postgres", *self._trabalhadores]}
        self._comeco = time.monotonic()
        self._fim = threading.Event()
        self._erros: list[str] = []
        self._feitos: list[Evento] = []
        self._pausas: Counter[str] = Counter()
        self._recusas: dict[str, frozenset[str]] = {}  # what the sandbox was told to refuse (Palco)
        self._atendidas: dict[int, str] = {}
        self._enviando = threading.Event()
        self._pessoas: list[Pessoa] = []
        self._telas: queue.SimpleQueue[tuple[Sequence[PelaTela], set[str]] | None] = queue.SimpleQueue()

    def dizer(self, texto: str) -> None:
        print(f"[{time.monotonic() - self._comeco:4.0f} s] {texto}", flush=True)

    def executar(self) -> Resultado:
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # the database goes away on purpose
        senha = secrets.token_urlsafe(12)
        usuarios = self._banco(senha)
        self.dizer("database ready")
        novas = self._intencoes(usuarios[0])
        regras = regras_do_servico(self.semente, novas, self.medidas)
        for regra in regras:
            self.controle("cenarios", regra.campos)
        planejadas = Counter(regra.falha for regra in regras)
        eventos = plano.eventos(self.semente, self.medidas)
        (self.cena.pasta / "plan.json").write_text(json.dumps([str(e) for e in eventos], indent=1), encoding="utf-8")
        self.dizer(f"{len(novas)} operations, faults of the service planned: {dict(planejadas.most_common())}")
        for evento in eventos:
            self.dizer(f"  {evento}")
        for nome in self._trabalhadores:
            self.cena.iniciar(nome)
        self.cena.iniciar("web")
        self._pessoas = [
            Pessoa(self.cena.porta_web, usuario.username, senha, self._enviando)
            for usuario in [usuarios[0], *usuarios[:_MAOS]]
        ]
        pessoa, *maos = self._pessoas
        self._vivos(pessoa)
        self.dizer("workers and web are there")
        inicio = time.monotonic()
        fios = [
            self._fio(self._vigiar),
            self._fio(lambda: self._olhar(pessoa)),
            *[self._fio(partial(self._pedir_pela_tela, mao, inicio)) for mao in maos],
            self._fio(lambda: self._pedir(novas, usuarios, inicio)),
            *[self._fio(partial(self._acontecer, evento, inicio)) for evento in eventos],
        ]
        for fio in fios[2:]:
            fio.join()
        # The faults of the service stay: each touches one call, whenever it comes.
        self.dizer("no more faults of machines; waiting for what is open")
        self._esperar(inicio)
        falhas = self._aplicadas()
        segundos = time.monotonic() - inicio
        self._fim.set()
        for fio in fios[:2]:
            fio.join()
        notas = self._notas()
        self.dizer("all is settled")
        self.cena.encerrar_produto()
        self.dizer("workers and web have ended")
        linhas = self._comparar(novas)
        return Resultado(linhas, falhas, eventos, self._feitos, notas, self._problemas(), segundos)

    # -- before -------------------------------------------------------------------------------------------------------
    def _banco(self, senha: str) -> list[Usuario]:
        call_command("migrate", verbosity=0, interactive=False)
        with connection.cursor() as cursor:  # processes die here, never the machine: a flush to disk proves nothing
            cursor.execute("ALTER SYSTEM SET fsync = off")
            cursor.execute("SELECT pg_reload_conf()")
        usuarios = [Usuario(username=f"fogo{n}", papel=Papel.ADMINISTRADOR) for n in range(3)]
        for usuario in usuarios:
            usuario.set_password(senha)
            usuario.save()
        return usuarios

    def _intencoes(self, usuario: Usuario) -> list[NovaOperacao]:
        handlers = sorted((h for h in todos() if h.tipo.startswith(self.so)), key=lambda handler: handler.tipo)
        pesos = [3 if h.efeito == Efeito.UNICO else _PESOS.get(Classe(h.classe), 1) for h in handlers]
        numeros = itertools.count(1)
        guardado: dict[str, Any] = {}
        novas: list[NovaOperacao] = []
        for handler, peso in zip(handlers, pesos, strict=True):
            palco = Palco(
                random.Random(f"{self.semente}/{handler.tipo}"),
                usuario,
                self.hoje,
                numeros,
                self.controle,
                self.controle.baixar,
                guardado,
                self._recusas,
            )
            quantas = max(2, round(self.medidas.operacoes * peso / sum(pesos)))
            feitas = handler.ensaiar(palco, quantas)
            if len(feitas) < quantas / 2:
                raise RuntimeError(f"{handler.tipo} prepared {len(feitas)} of {quantas}")
            novas += feitas
        random.Random(f"{self.semente}/order").shuffle(novas)
        return novas

    def _aplicadas(self) -> Counter[str]:
        """How many calls each kind of fault really touched."""
        aplicadas: Counter[str] = Counter()
        for cenario in self.controle("cenarios")["cenarios"]:
            if cenario["descricao"] and cenario["origem"] == "controle":
                aplicadas[cenario["descricao"]] += sum(contagem["aplicadas"] for contagem in cenario["contagens"])
        return aplicadas

    # -- while it burns -----------------------------------------------------------------------------------------------
    def _fio(self, funcao: Callable[[], object]) -> threading.Thread:
        def rodar() -> None:
            try:
                funcao()
            except Exception as erro:
                self._erros.append(f"{type(erro).__name__}: {erro}")
            finally:
                with contextlib.suppress(ErroDoBanco):
                    connection.close()

        fio = threading.Thread(target=rodar, daemon=True)
        fio.start()
        return fio

    def _vivos(self, pessoa: Pessoa) -> None:
        """Until workers and web are there."""
        limite = time.monotonic() + 120
        while Trabalhador.objects.count() < self.medidas.trabalhadores or not pessoa.olhar(reverse("operacoes:lista")):
            if time.monotonic() > limite:
                raise RuntimeError(f"workers or web did not start: see {self.cena.pasta / 'logs'}")
            time.sleep(0.3)
        pessoa.quedas = 0

    def _vigiar(self) -> None:
        while not self._fim.wait(0.5):
            self.cena.vigiar()

    def _olhar(self, pessoa: Pessoa) -> None:
        """An administrator looks at what is going on, lifts pauses, repeats and answers."""
        while not self._fim.wait(0.5):
            if pessoa.olhar(reverse("operacoes:lista")):
                self._retomar(pessoa)
                self._atender(pessoa)

    def _retomar(self, pessoa: Pessoa) -> None:
        """After a moment, once what the service no longer took was mended."""
        pausas = insistir(lambda: list(Pausa.objects.filter(desde__lt=Now() - timedelta(seconds=3))))
        for pausa in pausas:
            insistir(partial(self._consertar, pausa.acesso))
            if pessoa.enviar(reverse("operacoes:retomar"), [("acesso", pausa.acesso)]):
                self._pausas[pausa.codigo] += 1

    def _consertar(self, acesso: str) -> None:
        tipo = Operacao.objects.filter(acesso=acesso).values_list("tipo", flat=True).first()
        if tipo is not None:
            handler_de(tipo).no_sandbox.consertar(acesso, self.controle)

    def _atender(self, pessoa: Pessoa) -> None:
        """Once each: what was refused is repeated, and of the documents nobody knows the end of, half are asked for
        again; the others show who waits for a person, and why."""
        for pk, situacao in insistir(lambda: self._abertas()[1]):
            ato, campos = _ATOS[situacao]
            if pessoa.enviar(reverse(ato, args=[pk]), campos) is not None:
                self._atendidas[pk] = situacao
            # Else it is still there the next time, unless it was taken after all.

    def _abertas(self) -> tuple[Counter[str], list[tuple[int, str]]]:
        """What is not settled and what the person will still act on, seen at one moment."""
        abertas: Counter[str] = Counter()
        por_atender = []
        recusadas = Q(situacao=Situacao.RECUSADA, anterior=None, repetida_por=None)
        em_duvida = Q(situacao=Situacao.AGUARDA_PESSOA, efeito=Efeito.DOCUMENTO)
        linhas = Operacao.objects.filter(recusadas | em_duvida | Q(situacao__in=EM_CURSO))
        for pk, situacao, tipo, grupo in linhas.values_list("pk", "situacao", "tipo", "grupo"):
            if situacao in EM_CURSO:
                abertas[situacao] += 1
            elif pk not in self._atendidas and (
                pk % 2 if situacao == Situacao.AGUARDA_PESSOA else handler_de(tipo).repetivel(grupo)
            ):
                por_atender.append((pk, situacao))
        return abertas, por_atender

    def _pedir_pela_tela(self, pessoa: Pessoa, inicio: float) -> None:
        """What a prévia leaves out, as while a credencial is paused, is asked for again until it is there."""
        while pedido := self._telas.get():
            telas, chaves = pedido
            volta = time.monotonic() + _VOLTA_S
            while True:
                for tela in telas:
                    if not pessoa.fazer(tela, inicio + self.minutos * 60):
                        self._erros.append(f"{tela.url} was never answered")
                if insistir(partial(self._estao_la, chaves)) or time.monotonic() > volta:
                    break
                time.sleep(1)

    def _estao_la(self, chaves: set[str]) -> bool:
        return Operacao.objects.filter(chave__in=chaves).count() == len(chaves)

    def _pedir(self, novas: Sequence[NovaOperacao], usuarios: Sequence[Usuario], inicio: float) -> None:
        try:
            self._submeter(novas, usuarios, inicio)
        finally:
            for _ in range(_MAOS):
                self._telas.put(None)

    def _submeter(self, novas: Sequence[NovaOperacao], usuarios: Sequence[Usuario], inicio: float) -> None:
        """Groups of a few, over a while; one in ten is asked twice at the same time, as by a double click."""
        sorteio = random.Random(f"{self.semente}/submission")
        grupos, feitas = [], 0
        while feitas < len(novas):
            tamanho = sorteio.randint(1, 30)
            grupos.append(novas[feitas : feitas + tamanho])
            feitas += tamanho
        for n, grupo in enumerate(grupos):
            espera = inicio + self.medidas.submissao * n / len(grupos) - time.monotonic()
            if espera > 0:
                time.sleep(espera)
            usuario = sorteio.choice(usuarios)

            vezes = 2 if sorteio.random() < 0.1 else 1
            if n % PELA_TELA == 1:
                grupo = self._nas_telas(grupo, vezes)

            def submeter(grupo: Sequence[NovaOperacao] = grupo, usuario: Usuario = usuario) -> None:
                insistir(lambda: motor.submeter(grupo, usuario=usuario))

            if vezes > 1:
                self._fio(submeter)
            submeter()

    def _nas_telas(self, grupo: Sequence[NovaOperacao], vezes: int) -> list[NovaOperacao]:
        """Leave to the people at the screens what has one; returns the rest."""
        resto = []
        for tipo, novas in itertools.groupby(sorted(grupo, key=lambda nova: nova.tipo), key=lambda nova: nova.tipo):
            suas = list(novas)
            telas = handler_de(tipo).pela_tela(suas)
            for _ in range(vezes if telas else 0):
                self._telas.put((telas, {nova.chave for nova in suas}))
            if not telas:
                resto += suas
        return resto

    def _acontecer(self, evento: Evento, inicio: float) -> None:
        time.sleep(max(0.0, inicio + evento.em - time.monotonic()))
        with contextlib.ExitStack() as vez:
            for maquina in self._maquinas(evento):
                vez.enter_context(self._travas[maquina])
            if self._causar(evento):
                self._feitos.append(evento)

    def _maquinas(self, evento: Evento) -> list[str]:
        """What a fault has to itself: a second one on the same machine would undo the first. Always in one order."""
        if evento.tipo == "all workers claim together":
            return self._trabalhadores
        if evento.tipo.startswith("restart PostgreSQL"):
            return ["postgres"]
        return [self.cena.trabalhador(evento.dados["worker"])] if "worker" in evento.dados else []

    def _causar(self, evento: Evento) -> bool:
        """Whether there was what the fault falls on: a worker already dead is not killed, nor frozen."""
        dados, cena = evento.dados, self.cena
        nome = cena.trabalhador(dados.get("worker", 0))
        match evento.tipo:
            case "kill worker":
                morto = cena.matar(nome)
                time.sleep(dados["away"])
                cena.iniciar(nome)
                return morto
            case "freeze worker past its lease" | "freeze worker past its heartbeat":
                parado = cena.sinal(nome, signal.SIGSTOP)
                time.sleep(dados["seconds"])
                return cena.sinal(nome, signal.SIGCONT) and parado
            case "kill web":
                if self._enviando.wait(5):
                    time.sleep(dados["into"])
                morto = cena.matar("web")
                cena.iniciar("web")
                return morto
            case "restart PostgreSQL fast" | "restart PostgreSQL immediate":
                cena.parar_postgres(evento.tipo.rsplit(" ", 1)[1])
                time.sleep(0.5)
                cena.subir_postgres()
            case "deliver a job twice":
                return insistir(lambda: self._entregar_de_novo(1))
            case "deliver a job five times":
                return insistir(lambda: self._entregar_de_novo(4))
            case "all workers claim together":
                parados = [cena.sinal(cada, signal.SIGSTOP) for cada in self._trabalhadores]
                entregue = insistir(lambda: self._entregar_de_novo(2 * len(parados)))
                for cada in self._trabalhadores:
                    cena.sinal(cada, signal.SIGCONT)
                return entregue and parados.count(True) > 1
            case "clock jumps":
                cena.relogio(dados["worker"]).write_text(str(dados["seconds"]))
            case "5xx storm":
                self._tempestade({"acao": "erro", "parametros": {"http": 503}}, dados["seconds"])
            case "429 for everybody":
                espera = dados["retry_after"]
                parametros = {} if espera is None else {"retry_after": espera, "retry_after_data": dados["date"]}
                self._tempestade({"acao": "limite", "vezes": 2, "parametros": parametros}, 3)
        return True

    def _tempestade(self, regra: dict[str, object], segundos: float) -> None:
        """Over every service."""
        criada = self.controle("cenarios", regra)
        time.sleep(segundos)
        self.controle.apagar_cenario(criada["id"])

    def _entregar_de_novo(self, copias: int) -> bool:
        """A job of the queue delivered again, where there is one: the one in course is taken up as if its worker had
        died, and so many copies of it are put beside it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, args FROM procrastinate_jobs WHERE task_name = %s"
                " ORDER BY status = 'doing' DESC, id DESC LIMIT 1",
                [DRENAR],
            )
            linha = cursor.fetchone()
            if linha is None:
                return False
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'todo' WHERE id = %s AND status = 'doing'", [linha[0]]
            )
        argumentos: JSONDict = json.loads(linha[1]) if isinstance(linha[1], str) else linha[1]
        app.configure_task(DRENAR, queue=FILA).batch_defer(*[argumentos] * copias)
        return True

    # -- after --------------------------------------------------------------------------------------------------------
    def _esperar(self, inicio: float) -> None:
        limite = inicio + self.minutos * 60
        while time.monotonic() < limite:
            abertas, por_atender = insistir(self._abertas)
            tardios = self.controle(f"tardios?ate={_TARDIOS_S}")["quantos"]  # a purge waits for a month
            if not abertas and not por_atender and not tardios:
                return
            time.sleep(1)
        self._erros.append(
            f"time is over with {dict(abertas)} open, {len(por_atender)} to answer and {tardios} effects to land"
        )

    def _notas(self) -> list[str]:
        for _ in range(60):
            if self._pessoas[0].olhar(reverse("operacoes:lista")):
                break
            time.sleep(0.5)
        else:
            self._erros.append("the web does not answer at the end")
        contas = {
            nome: sum(getattr(p, nome) for p in self._pessoas) for nome in ("paginas", "envios", "quedas", "cortados")
        }
        return [
            "web: {paginas} pages, {envios} forms, {quedas} asked again, {cortados} of them cut on the way".format(
                **contas
            ),
            f"pauses lifted: {dict(self._pausas)}; repeated or answered: {dict(Counter(self._atendidas.values()))}",
        ]

    def _problemas(self) -> list[str]:
        """What no fault of the plan accounts for, whatever the ledger says."""
        defeitos = sum((pessoa.defeitos for pessoa in self._pessoas), Counter[str]())
        return [*self._erros, *self.cena.inesperadas, *(f"{dito}, {n} x" for dito, n in defeitos.most_common())]

    def _comparar(self, novas: Sequence[NovaOperacao]) -> list[Linha]:
        chaves = set(Operacao.objects.values_list("chave", flat=True))
        perdidas = [(nova.tipo, nova.chave) for nova in novas if nova.chave not in chaves]
        if vazios := Processamento.objects.filter(operacoes=None).count():
            self._erros.append(f"{vazios} runs without an operation: asked for a second time")
        chamadas = self._tudo("chamadas", "chamadas")
        self._erros += acima_do_limite(chamadas)
        return comparar(
            ler_registros(self._recusas),
            self._tudo("ledger", "efeitos"),
            chamadas=chamadas,
            previstas=perdidas,
            repetidas=demais(novas),
        )

    def _tudo(self, caminho: str, nome: str) -> list[dict[str, Any]]:
        """A whole record of the sandbox, which tells so many rows at a time."""
        linhas: list[dict[str, Any]] = []
        while pagina := self.controle(f"{caminho}?desde_id={linhas[-1]['id'] if linhas else 0}")[nome]:
            linhas += pagina
        return linhas
