// What every module of the screens uses.
export const $ = (seletor, raiz = document) => raiz.querySelector(seletor);
export const $$ = (seletor, raiz = document) => [...raiz.querySelectorAll(seletor)];
export const numero = new Intl.NumberFormat("pt-BR");
export const visivel = (el) => el.isConnected && el.checkVisibility({ visibilityProperty: true });
export const CAMPO = "input:not([type=checkbox],[type=radio],[type=button],[type=submit],[type=reset],[type=file]),textarea,select,[contenteditable=true]";
export const INTERATIVO = "a[href],button,input,select,textarea,label,summary,[contenteditable=true]";
export const guardar = (chave, valor) => {
  try {
    if (valor === null) localStorage.removeItem(chave);
    else localStorage.setItem(chave, valor);
  } catch {
    // storage blocked by the browser: the choice lasts for this page only
  }
};
