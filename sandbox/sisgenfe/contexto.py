"""Who asks, where and under which settings: what every operation is given."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from sandbox.nucleo.ajustes import Ajustes
from sandbox.sisgenfe import tabelas
from sandbox.sisgenfe.formatos import conferir_documento
from sandbox.sisgenfe.leitura import Campos
from sandbox.sisgenfe.models import Prestador
from sandbox.sisgenfe.opcoes import SERVICO


@dataclass(frozen=True)
class Contexto:
    ambiente: str
    prestador: Prestador
    permissoes: frozenset[str]
    ajustes: Ajustes
    tag: str = ""

    def opcao(self, nome: str) -> Any:
        return opcao(self.ajustes, nome)

    @cached_property
    def agora(self) -> datetime:
        return self.ajustes.agora()

    @cached_property
    def atividades(self) -> dict[int, Decimal]:
        """Internal id of each assigned activity -> the ISS rate in percent that the service applies to it."""
        geral = Decimal(str(self.opcao("iss_padrao")))
        aliquotas: dict[int, Decimal] = {}
        for texto, aliquota in self.prestador.atividades.items():
            atividade = tabelas.atividades()[int(texto)]
            do_servico = geral if atividade.aliquota is None else atividade.aliquota
            aliquotas[int(texto)] = do_servico if aliquota is None else Decimal(aliquota)
        return aliquotas

    def campos(self, corpo: Any) -> Campos:
        return Campos(corpo, tolera=self.opcao("ignora_campo_desconhecido"))

    def documento(self, texto: str, campo: str) -> str:
        """A masked CNPJ or CPF, checked as the settings say. Raises Recusa 400."""
        return documento(self.ajustes, texto, campo)


def opcao(ajustes: Ajustes, nome: str) -> Any:
    return ajustes.valores[f"{SERVICO}.{nome}"]


def documento(ajustes: Ajustes, texto: str, campo: str, *, sem_cpf: bool = False) -> str:
    nu, digitos = opcao(ajustes, "aceita_sem_mascara"), opcao(ajustes, "confere_digitos")
    return conferir_documento(texto, campo, sem_cpf=sem_cpf, aceita_nu=nu, digitos=digitos)
