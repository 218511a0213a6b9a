"""The CSV of notas: every line checked as the pré-voo would, then made drafts, all the accepted ones or none."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection
from django.urls import reverse
from django.utils import timezone

from comum.formatos import contar, format_data, format_numero
from comum.models import Usuario
from comum.planilhas import Linha, ler
from empresas.importacao.base import (
    ArquivoRecusado,
    Conferencia,
    Importador,
    Pendencia,
    Progresso,
    Recusa,
    recusa_de,
)
from empresas.models import Importacao
from nfse.importacao.cadastros_notas import Cadastros
from nfse.importacao.celulas_notas import Celulas, ler_celulas
from nfse.importacao.colunas_notas import COLUNAS
from nfse.importacao.exigencias_da_linha import exigencias_da_linha
from nfse.importacao.item_da_linha import item_da_linha
from nfse.importacao.lugar import lugar_de, pendencia_de
from nfse.importacao.repetidas import Candidata, achar_repetidas, referencia_padrao
from nfse.models import Nota, NotaItem, Tomador
from nfse.services.notas import DadosNota, ReferenciaRepetida
from nfse.services.rascunhos import gravar_montadas, montar
from nfse.services.validacao import problemas

_LINHAS_DITAS = 8
_MENOR_ALIQUOTA = Decimal(1)


def linhas_em_palavras(linhas: Iterable[int]) -> str:
    """linha 3; linhas 3, 8 e 12; linhas 3, 8, ... e mais 40."""
    numeros = sorted(set(linhas))
    ditas, resto = [str(numero) for numero in numeros[:_LINHAS_DITAS]], len(numeros) - _LINHAS_DITAS
    if resto > 0:
        return f"linhas {', '.join(ditas)} e mais {resto}"
    if len(ditas) == 1:
        return f"linha {ditas[0]}"
    return f"linhas {', '.join(ditas[:-1])} e {ditas[-1]}"


@dataclass
class _Feita:
    """A line made into a note."""

    celulas: Celulas
    nota: Nota
    itens: list[NotaItem]


class ImportadorDeNotas(Importador):
    """Drafts, one for each line; a note that exists under the same referência is never made again.

    parametros: {"empresa": pk}, the empresa of the lines that name none.
    """

    tipo = "notas"
    titulo = "Importar notas"
    singular = "nota"
    plural = "notas"
    colunas = COLUNAS
    url_nova = "nfse:importar"
    url_lista = "nfse:notas"

    @classmethod
    def depois(cls, importacao: Importacao) -> tuple[str, str] | None:
        """The drafts that this file made, in the list of notas."""
        notas = importacao.resultado.get("extras", {}).get("notas", [])
        if not notas:
            return None
        quais = "a nota importada" if len(notas) == 1 else f"as {format_numero(len(notas))} notas importadas"
        return f"Conferir e emitir {quais}", f"{reverse('nfse:prevoo')}?periodo=todos&importacao={importacao.pk}"

    def __init__(self, usuario: Usuario, parametros: dict[str, Any]) -> None:
        super().__init__(usuario, parametros)
        self._recusas: list[Recusa] = []
        self._celulas: list[Celulas] = []
        self._avisos: list[str] = []
        self._hoje = timezone.localdate()

    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        planilha = ler(conteudo, COLUNAS)
        if planilha.erros:
            raise ArquivoRecusado("\n".join(erro.mensagem for erro in planilha.erros))
        self._sha256 = hashlib.sha256(conteudo).hexdigest()
        self._avisos = [aviso.mensagem for aviso in planilha.avisos]
        self._linhas = 0
        for item in planilha:
            self._linhas += 1
            if isinstance(item, Linha):
                self._celulas.append(ler_celulas(item))
            else:
                self._recusas.append(recusa_de(item))
            progresso(self._linhas)

    def conferir(self) -> Conferencia:
        _uma_por_vez()
        self._cadastros = Cadastros(self.usuario, self._celulas, self.parametros.get("empresa"))
        self._alertas: dict[tuple[str, str], list[Recusa]] = defaultdict(list)
        feitas = [feita for celulas in self._celulas if (feita := self._fazer(celulas)) is not None]
        self._referencias_repetidas(feitas)
        boas = [feita for feita in feitas if not feita.celulas.recusas]
        iguais = self._ja_existem(boas)
        self._novas = [feita for feita in boas if not feita.celulas.recusas and feita.celulas.linha not in iguais]
        novas = {feita.celulas.linha for feita in self._novas}
        alertas = [alerta for grupo in self._alertas.values() for alerta in grupo if alerta.linha in novas]
        recusas = [*self._recusas, *(recusa for celulas in self._celulas for recusa in celulas.recusas)]
        return Conferencia(
            linhas=self._linhas,
            novas=len(self._novas),
            alteradas=0,
            iguais=len(iguais),
            recusas=recusas,
            assinatura=self._assinatura(iguais, recusas),
            avisos=[*self._avisos, *self._avisos_das_linhas(novas)],
            pendencias=self._pendencias(novas),
            alertas=alertas,
        )

    def gravar(self) -> dict[str, Any]:
        usados = {id(feita.nota.tomador): feita.nota.tomador for feita in self._novas}
        novos = [tomador for tomador in usados.values() if tomador._state.adding]
        try:
            Tomador.objects.bulk_create(novos, batch_size=1000)
            notas = gravar_montadas([(feita.nota, feita.itens) for feita in self._novas], self.usuario)
        except ReferenciaRepetida as erro:
            raise ArquivoRecusado(
                f"Alguém gravou agora mesmo uma nota com a referência {erro}. Nada foi importado: envie de novo."
            ) from erro
        except IntegrityError as erro:
            raise ArquivoRecusado(
                "Alguém cadastrou agora mesmo um dos tomadores deste arquivo. Nada foi importado: envie de novo."
            ) from erro
        return {
            "notas": [nota.pk for nota in notas],
            "tomadores_novos": len(novos),
            "valor": str(sum((nota.valor_servicos for nota in notas), Decimal(0))),
        }

    # -- one line -----------------------------------------------------------------------------------------------------

    def _fazer(self, celulas: Celulas) -> _Feita | None:
        """The note of a line, everything that is wrong with it told on the way. Where a cell is bad something harmless
        stands in for it, so that the others are still checked."""
        cadastros = self._cadastros
        empresa = cadastros.empresa(celulas)
        if (emissao := celulas.lidas.get("emissao", self._hoje)) > self._hoje:
            hoje = format_data(self._hoje)
            celulas.recusar("emissao", f"A data de emissão ainda não chegou. Use até {hoje}, ou espere e mande depois.")
            emissao = self._hoje
        competencia = celulas.competencia or min(emissao, self._hoje).replace(day=1)
        atividades = cadastros.atividades(empresa, competencia)
        servico = cadastros.servicos.servico(celulas, empresa)
        cadastros.servicos.conferir(celulas, servico)
        item = item_da_linha(celulas, servico, competencia, atividades)
        canal = cadastros.contexto.rotas.rota(empresa, competencia).canal
        tomador = cadastros.tomador(celulas, empresa)
        destinatario, local = cadastros.destinatario(celulas, empresa), cadastros.local(celulas, empresa)
        if item is None:
            return None
        dados = DadosNota(
            empresa=empresa,
            tomador=tomador,
            competencia=competencia,
            emissao=emissao,
            municipio_prestacao=local,
            itens=[item],
            iss_retido=celulas.lidas.get("iss_retido", servico.iss_retido if servico else False),
            observacao=celulas.lidas.get("observacao", ""),
            referencia=celulas.lidas.get("referencia") or referencia_padrao(self._sha256, celulas.linha),
            exigencias=exigencias_da_linha(celulas, servico, canal, destinatario),
        )
        ((nota, itens),) = montar([dados], self.usuario, cadastros.contexto.rotas)
        nota.destinatario = destinatario  # the one at hand: not read again for each line
        self._julgar(celulas, nota, itens, sem_atividades=not atividades)
        return _Feita(celulas, nota, itens)

    def _julgar(self, celulas: Celulas, nota: Nota, itens: list[NotaItem], *, sem_atividades: bool) -> None:
        novo = nota.tomador._state.adding
        for problema in problemas(nota, itens, self._cadastros.contexto):
            lugar = lugar_de(problema, celulas, tomador_novo=novo, sem_atividades=sem_atividades)
            if lugar is None:
                continue
            if lugar.no_arquivo:
                celulas.recusar(lugar.coluna, problema.mensagem)
            else:
                alerta = celulas.aviso(lugar.coluna, problema.mensagem)
                self._alertas[problema.codigo, lugar.coluna].append(alerta)

    # -- the lines together -------------------------------------------------------------------------------------------

    def _referencias_repetidas(self, feitas: Iterable[_Feita]) -> None:
        vistas: dict[tuple[int, str], int] = {}
        for feita in feitas:
            celulas, empresa = feita.celulas, feita.nota.empresa_id
            if "referencia" not in celulas.lidas or empresa is None:
                continue
            primeira = vistas.setdefault((empresa, celulas.lidas["referencia"]), celulas.linha)
            if primeira != celulas.linha:
                motivo = f"Repetida: já está na linha {primeira}. Cada nota da empresa tem a sua referência."
                celulas.recusar("referencia", motivo)

    def _ja_existem(self, boas: list[_Feita]) -> set[int]:
        candidatas = [
            Candidata(
                linha=feita.celulas.linha,
                empresa=feita.nota.empresa_id,
                referencia=feita.nota.referencia,
                nomeada="referencia" in feita.celulas.lidas,
                tomador=feita.nota.tomador.pk,
                competencia=feita.nota.competencia,
                valor=feita.nota.valor_servicos,
            )
            for feita in boas
        ]
        achadas = achar_repetidas(candidatas, self._sha256)
        por_linha = {feita.celulas.linha: feita.celulas for feita in boas}
        for linha, motivo in achadas.conflitos.items():
            por_linha[linha].recusar("referencia", motivo)
        if achadas.de_outro_arquivo:
            quantas = contar(
                len(achadas.de_outro_arquivo), "linha sem referência repete", "linhas sem referência repetem"
            )
            self._avisos.append(
                f"{quantas} o que já foi importado de outro arquivo (mesma empresa, tomador, competência e valor) e "
                f"não vira nota de novo: {linhas_em_palavras(achadas.de_outro_arquivo)}. Se são outras notas, dê a "
                "cada uma uma referência e envie de novo."
            )
        if achadas.iguais:
            quantas = contar(len(achadas.iguais), "nota já foi importada", "notas já foram importadas")
            self._avisos.append(f"{quantas} antes, com a mesma referência: nada a fazer.")
        return achadas.iguais | achadas.de_outro_arquivo

    def _assinatura(self, iguais: set[int], recusas: list[Recusa]) -> str:
        """Of every line, what would become of it."""
        novas = [
            (f.celulas.linha, f.nota.tomador.pk, str(f.nota.valor_servicos), str(f.nota.valor_liquido))
            for f in self._novas
        ]
        return hashlib.sha256(repr((novas, sorted(iguais), sorted(recusas))).encode()).hexdigest()

    # -- what is worth saying -----------------------------------------------------------------------------------------

    def _avisos_das_linhas(self, novas: set[int]) -> list[str]:
        avisos = []
        if milhares := [c.linha for c in self._celulas if c.linha in novas and c.com_milhares]:
            avisos.append(
                "Valor com ponto e sem vírgula, como 1.234, foi lido em milhares (R$ 1.234,00): confira "
                f"{linhas_em_palavras(milhares)}."
            )
        if baixas := [
            c.linha for c in self._celulas if c.linha in novas and 0 < c.lidas.get("aliquota", 0) < _MENOR_ALIQUOTA
        ]:
            avisos.append(f"Alíquota abaixo de 1%: confira {linhas_em_palavras(baixas)}. 5% se escreve 5, não 0,05.")
        ociosas = [
            f.celulas.linha for f in self._novas if "aliquota" in f.celulas.lidas and f.itens[0].aliquota is None
        ]
        if ociosas:
            avisos.append(
                f"A alíquota destas linhas não será usada, porque o município a decide: {linhas_em_palavras(ociosas)}."
            )
        avisos += self._iguais_no_arquivo()
        tomadores = self._cadastros.tomadores
        criados = {id(f.nota.tomador) for f in self._novas if f.nota.tomador._state.adding}
        if criados:
            avisos.append(
                f"{contar(len(criados), 'tomador novo será cadastrado', 'tomadores novos serão cadastrados')}."
            )
        if diferentes := novas.intersection(tomadores.diferentes):
            avisos.append(
                f"Tomador novo descrito de outro modo que na primeira linha dele, que é a que vale: "
                f"{linhas_em_palavras(diferentes)}."
            )
        return avisos

    def _iguais_no_arquivo(self) -> list[str]:
        vistas: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for feita in self._novas:
            if "referencia" not in feita.celulas.lidas:
                n, item = feita.nota, feita.itens[0]
                chave = (
                    n.empresa_id,
                    n.tomador.documento or n.tomador.nif,
                    n.competencia,
                    item.descricao,
                    n.valor_servicos,
                )
                vistas[chave].append(feita.celulas.linha)
        repetidas = [linhas for linhas in vistas.values() if len(linhas) > 1]
        return [
            f"As {linhas_em_palavras(linhas)} são iguais e serão {len(linhas)} notas. Se é engano, deixe uma só."
            for linhas in repetidas[:5]
        ]

    def _pendencias(self, novas: set[int]) -> list[Pendencia]:
        pendencias = []
        for (codigo, coluna), alertas in self._alertas.items():
            linhas = [alerta.linha for alerta in alertas if alerta.linha in novas]
            if linhas:
                entram = contar(len(linhas), "nota entra como rascunho e para", "notas entram como rascunho e param")
                texto = f"{entram} no pré-voo ({linhas_em_palavras(linhas)}): {alertas[0].motivo}"
                pendencias.append(pendencia_de(codigo, coluna, texto))
        return pendencias


def _uma_por_vez() -> None:
    """Two imports of notas at once would each find that the other's do not exist: they take turns, until the end of the
    transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('nfse.importar_notas'))")
