import './tokens.css';
import './base.css';
document.documentElement.lang = navigator.language;
