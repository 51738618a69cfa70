import './style.css';
import { render } from 'preact';
import type { PageData } from '../page-data.js';
import { App } from './app.js';

const source = document.getElementById('data');
const target = document.getElementById('page');
if (source !== null && target !== null) {
  const data = JSON.parse(source.textContent ?? '') as PageData;
  target.textContent = '';
  render(<App data={data} />, target);
}
