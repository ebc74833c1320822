import{c as g,e as f,f as y,g as b,i as h,k as $}from"./shared-history-controller.js";import{b as s,e as d}from"./shared-lit-html-lit-html.js";var _=".seek{display:flex;gap:8px;align-items:center}.seek .track{position:relative;flex:1;height:56px}.seek .waveform{position:absolute;inset:4px 0;height:48px}.seek input[type=range]{appearance:none;position:absolute;inset:0;width:100%;height:100%;margin:0;border-radius:8px;background:transparent;cursor:pointer}.seek input[type=range]::-webkit-slider-thumb{appearance:none;width:3px;height:52px;border-radius:2px;background:var(--earshot-accent)}.seek input[type=range]::-moz-range-thumb{width:3px;height:52px;border:0;border-radius:2px;background:var(--earshot-accent)}.seek time{flex:none;min-width:7ch;color:var(--earshot-quiet);font-variant-numeric:tabular-nums;text-align:end}dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 16px;margin:8px 0}dt{color:var(--earshot-quiet)}dd{min-width:0;margin:0;overflow-wrap:anywhere}.acts{display:flex;flex-wrap:wrap;gap:8px;margin-top:12px}.acts .button{padding-inline:12px}@container history (width < 360px){dl{grid-template-columns:1fr;gap:0}dd+dt{margin-top:6px}}";var M=_,w=100,k=["second_factor"];function P(n,e){let{words:t,capture:r,room:o}=n;return s`
    ${D(n,e)}
    <dl>
      ${T(n).map(([a,i])=>s`<dt>${a}</dt><dd>${i}</dd>`)}
    </dl>
    <div class="acts" role="group" aria-label=${y(t,r)}>
      ${x(o,"label")?s`
            ${m(t.text("capture.not_for_you"),"mdi:account-voice-off",()=>e.label(r,"not_for_you"),r.label==="not_for_you")}
            ${m(t.text("capture.wrong_text"),"mdi:comment-edit-outline",()=>e.label(r,"wrong_text"),r.label==="wrong_text")}
          `:d}
      ${r.pin?x(o,"unpin")&&m(t.text("capture.unpin"),"mdi:pin-off",()=>e.unpin(r)):x(o,"pin")&&m(t.text("capture.pin"),"mdi:pin",()=>e.pin(r))}
      ${x(o,"export")?m(t.text("capture.export"),"mdi:download",()=>e.export(r)):d}
      ${x(o,"delete")?m(t.text("capture.delete"),"mdi:delete-outline",()=>e.remove(r)):d}
    </div>
  `}function m(n,e,t,r){return s`<button
    class="button outlined ${r?"filled":""}"
    aria-pressed=${r??d}
    @click=${t}
  >
    <ha-icon .icon=${e}></ha-icon>${n}
  </button>`}function D({words:n,capture:e,room:t,player:r},o){if(e.audio_bytes===null||!x(t,"play"))return d;let a=r.id===e.id,i=a?r.length:0,l=a?r.position:0,c=i?l/i:0,u=n.text("capture.position_text",{at:n.clock(l),length:n.clock(i)});return s`
    <div class="seek">
      <span class="track">
        ${$(e.peaks??new Uint8Array(w),w,c)}
        <input
          type="range"
          min="0"
          max="1000"
          step="1"
          .value=${String(Math.round(c*1e3))}
          aria-label=${n.text("capture.position")}
          aria-valuetext=${u}
          @input=${p=>o.seek(e.id,Number(p.target.value)/1e3)}
          @keydown=${p=>p.stopPropagation()}
        />
      </span>
      <time>${i?`${n.clock(l)} / ${n.clock(i)}`:""}</time>
    </div>
  `}function T(n){let{words:e,capture:t,now:r}=n,{record:o}=t,a=[],i=(u,p)=>{p&&a.push([u,p])};if(i(e.text("history.time"),`${e.dayTime(t.started,r)} · ${f(e,t.outcome)}`),i(e.text("capture.done"),b(t)),t.label==="wrong_text"&&i(e.text("label.right"),t.right_text),o?.wakeWord){let u=o.wakeWord.replaceAll("_"," ");i(e.text("capture.wake_word"),o.score===null?u:e.text("capture.wake_score",{word:u,score:e.number(o.score,2)}))}let l=(u,p)=>{let v=p?` · ${e.one("rule",p,"rule.unknown")}`:"";return h(e,u,r)+v};i(e.text("capture.audio"),t.audio_bytes===null?e.text("capture.no_audio"):`${l(t.audio_expires,o?.audioRule)} · ${e.bytes(t.audio_bytes)}`),o&&i(e.text("capture.words"),l(t.words_expires,o.wordsRule)),i(e.text("capture.pinned"),L(n)),i(e.text("capture.listened"),A(n));let c=g(n.room,"play");return c&&t.audio_bytes!==null&&!k.includes(c)&&i(e.text("capture.playing"),e.error({code:c,values:{}})),a}function L({words:n,capture:e,now:t}){if(!e.pin)return null;let{reason:r,by_name:o,until:a}=e.pin,i=o??n.text("capture.someone"),l=n.dayTime(a,t);return r?n.text("capture.pinned_by",{reason:r,name:i,day:l}):n.text("capture.pin_reason_hidden",{name:i,day:l})}function A(n){let{words:e,capture:t,now:r}=n;if(g(n.room,"audit")!==null)return null;if(!n.listened)return"…";let o=n.listened.captures[t.id]??[];return o.length===0?e.text(n.listened.complete?"capture.nobody_listened":"capture.listened_partly"):s`${C(o).map(({line:a,times:i})=>s`<div>
        ${e.one("capture.verb",a.verb,"capture.verb.played",{name:a.user??e.text("capture.someone"),time:e.dayTime(a.when,r)})}
        ${i>1?`(${e.number(i)}×)`:d}
      </div>`)}`}function C(n){let e=new Map;for(let t of n){let r=`${t.verb} ${t.user_id}`,o=e.get(r);o?o.times+=1:e.set(r,{line:t,times:1})}return[...e.values()]}function x(n,e){let t=g(n,e);return t===null||k.includes(t)}export{P as detail,M as styles};
