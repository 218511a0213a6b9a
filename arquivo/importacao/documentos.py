"""The import of XML and PDF: *conferir* reads and writes nothing, *importar* files what was new."""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from arquivo.importacao import NaoLido, Papel, Reconhecido, reconhecer
from arquivo.importacao.pacote import Estragado, Pacote, e_zip
from arquivo.models import Documento
from arquivo.services import depositados, guardar
from arquivo.sinais import documentos_importados
from comum.documentos import mascarar
from empresas.importacao.base import Conferencia, Importador, Progresso, Recusa
from empresas.models import Empresa

_COLUNA = "arquivo"
_OUTRO_CONTEUDO = "Já há outro arquivo guardado com esta chave, com outro conteúdo. Confira qual vale."


@dataclass(frozen=True)
class _Lido:
    posicao: int
    nome: str
    sha256: str
    tamanho: int
    o_que: Reconhecido

    @property
    def linha(self) -> int:
        return self.posicao + 1

    def recusa(self, motivo: str) -> Recusa:
        return Recusa(self.linha, _COLUNA, self.nome[-200:], motivo)


@dataclass(frozen=True)
class _Novo:
    lido: _Lido
    papel: Papel
    empresa: Empresa


class ImportadorDeDocumentos(Importador):
    """`parametros`: {"nome": of the file as it was sent}. Files are known by their content, and notes by their key."""

    tipo, titulo = "documentos", "Importar XML e PDF"
    singular, plural = "documento", "documentos"
    lidas, recusadas = "arquivos lidos", "Arquivos recusados"
    avisadas, do_aviso = "Arquivos com aviso", "O que saber deles"
    por_arquivo = True
    colunas = ()
    url_nova, url_lista = "arquivo:importar", "arquivo:lista"

    @classmethod
    def quantas(cls, conteudo: bytes) -> int:
        return max(conteudo.count(b"PK\x01\x02"), 1) if e_zip(conteudo) else 1

    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        self._pacote = Pacote(conteudo, self.parametros.get("nome", "arquivo"))
        self._lidos: list[_Lido] = []
        for posicao, nome in self._pacote:
            progresso(posicao)
            try:
                dentro = self._pacote.abrir(posicao)
                o_que = reconhecer(dentro)
            except (Estragado, NaoLido) as erro:
                self.recusas.append(Recusa(posicao + 1, _COLUNA, nome[-200:], str(erro)))
                continue
            sha256 = hashlib.sha256(dentro).hexdigest()
            self._lidos.append(_Lido(posicao, nome, sha256, len(dentro), o_que))

    def conferir(self) -> Conferencia:
        recusas, iguais = list(self.recusas), 0
        alertas: list[Recusa] = []
        ditas: set[int] = set()
        empresas = self._empresas()
        iguais_a, chaves = self._existentes(empresas)
        self._novos: list[_Novo] = []
        for lido in self._lidos:
            papeis = [(papel, empresas[papel.documento]) for papel in lido.o_que.papeis if papel.documento in empresas]
            if not papeis:
                recusas.append(lido.recusa(_de_ninguem(lido.o_que)))
            for papel, empresa in papeis:
                este, desta_chave = (empresa.pk, papel.tipo, lido.sha256), (empresa.pk, papel.tipo, lido.o_que.chave)
                if este in iguais_a:
                    iguais += 1
                elif lido.o_que.chave and desta_chave in chaves and not lido.o_que.varios:
                    if lido.linha not in ditas:  # once, whatever the empresas that it is of
                        ditas.add(lido.linha)
                        recusas.append(lido.recusa(_OUTRO_CONTEUDO))
                else:
                    if lido.o_que.aviso and lido.linha not in ditas:
                        ditas.add(lido.linha)
                        alertas.append(lido.recusa(lido.o_que.aviso))
                    self._novos.append(_Novo(lido, papel, empresa))
                    iguais_a.add(este)
                    chaves.add(desta_chave)
        marca = hashlib.sha256()
        for novo in self._novos:
            marca.update(f"{novo.lido.posicao}:{novo.empresa.pk}:{novo.papel.tipo};".encode())
        return Conferencia(
            linhas=len(self._pacote.nomes),
            novas=len(self._novos),
            alteradas=0,
            iguais=iguais,
            recusas=recusas,
            alertas=alertas,
            assinatura=marca.hexdigest(),
        )

    def _empresas(self) -> dict[str, Empresa]:
        """By document, those that the user sees of all that the files name."""
        ditos = {papel.documento for lido in self._lidos for papel in lido.o_que.papeis}
        return {e.documento: e for e in Empresa.objects.visiveis(self.usuario).filter(documento__in=ditos)}

    def _existentes(self, empresas: dict[str, Empresa]) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
        """(empresa, kind, content) and (empresa, kind, key) of what is kept already."""
        ja = Documento.objects.filter(empresa__in=empresas.values())
        hashes = {lido.sha256 for lido in self._lidos}
        chaves = {lido.o_que.chave for lido in self._lidos if lido.o_que.chave}
        return (
            set(ja.filter(sha256__in=hashes).values_list("empresa", "tipo", "sha256")),
            set(ja.filter(chave__in=chaves).values_list("empresa", "tipo", "chave")),
        )

    def preparado(self) -> AbstractContextManager[None]:
        """The files are written before the transaction that keeps them."""
        self.conferir()
        return depositados(conteudo for _, conteudo in self._conteudos())

    def _conteudos(self) -> Iterator[tuple[_Novo, bytes]]:
        for novo in self._novos:
            yield novo, self._pacote.abrir(novo.lido.posicao)

    def gravar(self) -> dict[str, Any]:
        guardados = []
        for novo, conteudo in self._conteudos():
            o_que = novo.lido.o_que
            guardados.append(
                guardar(
                    conteudo,
                    empresa=novo.empresa,
                    tipo=novo.papel.tipo,
                    nome=novo.papel.nome,
                    competencia=o_que.competencia,
                    mime=o_que.mime,
                    referencia=o_que.referencia or o_que.chave or o_que.numero,
                    chave=o_que.chave,
                    numero=o_que.numero,
                    origem=Documento.Origem.IMPORTADO,
                )
            )
        dados = [novo.lido.o_que.dados for novo in self._novos]
        documentos_importados.send(Documento, documentos=guardados, dados=dados)
        return {"documentos": len(guardados)}


def _de_ninguem(o_que: Reconhecido) -> str:
    if o_que.sem_dono:
        return o_que.sem_dono
    ditos = sorted({mascarar(papel.documento) for papel in o_que.papeis if papel.documento})
    if not ditos:
        return "O arquivo não diz de que empresa é."
    return (
        f"É de {' e de '.join(ditos)}, que não são empresas cadastradas que você veja."
        if len(ditos) > 1
        else (f"É de {ditos[0]}, que não é uma empresa cadastrada que você veja.")
    )
